//! Why the template cannot be read.

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It is no YAML.
    #[error("it is no YAML: {0}")]
    Yaml(String),
    /// A resource lacks a property, or has one that cannot be read.
    #[error("{resource} has no usable {property}")]
    Property {
        /// Logical id of the resource.
        resource: String,
        /// Path of the property.
        property: String,
    },
    /// Something is needed once.
    #[error("it needs exactly one {0}")]
    NotOne(&'static str),
}
