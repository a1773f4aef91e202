//! What only a local run serves beside the APIs: the page, its documents, a health check, and development tokens.

mod api_docs;
pub mod dev_token;
mod health;
pub mod pages;
mod problem;
pub mod token;
