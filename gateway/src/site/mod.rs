//! What only a local run serves beside the APIs: the page, its documents, a health check, and development tokens.

mod api_docs;
mod health;
pub mod pages;
pub mod token;
