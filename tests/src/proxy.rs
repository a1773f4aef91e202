//! A proxy in front of a table or of `@connections` that does harm on request.
