//! `docs/openapi.yaml` and `docs/asyncapi.yaml` as a judge: all that the integration tests receive must be documented there,
//! so that the documents cannot fall behind the code. The clients in `rest` and `socket` ask it about every answer and frame.

mod documents;
pub mod frames;
pub mod rest;

/// Reads the documents, which takes a moment: a test does that before it begins, not between two of its steps.
pub fn prepare() {
    documents::prepare();
    frames::prepare();
}
