//! Served beside the APIs, in a local run only: the page, its documents, a health check, and development tokens.

mod api_docs;
pub mod dev_token;
mod health;
#[cfg(test)]
mod of_the_cloud;
pub mod origins;
pub mod page_settings;
pub mod pages;
mod problem;
pub mod token;
mod transfer;
