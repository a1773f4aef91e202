//! Checks against `docs/openapi.yaml` and `docs/asyncapi.yaml`: everything that the integration tests receive must be documented
//! there, so the documents cannot fall behind the code. The clients in `rest` and `socket` check every response and frame.

mod documents;
pub mod frames;
pub mod rest;

/// Reads the documents, which takes a moment: a test does that before its first step, not in between.
pub fn prepare() {
    documents::prepare();
    frames::prepare();
}
