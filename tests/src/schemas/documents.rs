//! Both documents, their nodes, and the validators of their schemas.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::{Registry, Validator};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};

pub(super) const OPENAPI: &str = "openapi.yaml";
pub(super) const ASYNCAPI: &str = "asyncapi.yaml";
/// The characters that must be escaped in a URL's fragment; paths contain `{` and `}`.
const FRAGMENT: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'{').add(b'}').add(b'%');

/// Both documents, and the validators used so far: each is compiled once for all tests.
struct Documents {
    files: HashMap<&'static str, Value>,
    registry: Registry<'static>,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

static DOCUMENTS: LazyLock<Documents> = LazyLock::new(|| {
    let texts = [
        (OPENAPI, include_str!("../../../docs/openapi.yaml")),
        (ASYNCAPI, include_str!("../../../docs/asyncapi.yaml")),
    ];
    let files: HashMap<&str, Value> =
        texts.map(|(file, text)| (file, serde_norway::from_str(text).expect("the document is YAML"))).into();
    let addresses = files.iter().map(|(file, document)| (address_of(file), document.clone()));
    let registry =
        Registry::new().extend(addresses).expect("addresses").prepare().expect("references that lead somewhere");
    Documents { files, registry, validators: Mutex::default() }
});

/// Reads the documents.
pub(super) fn prepare() {
    LazyLock::force(&DOCUMENTS);
}

/// The documents refer to each other by file name, so they get URLs in one imaginary folder.
fn address_of(file: &str) -> String {
    format!("docs:/{file}")
}

/// A node of a document, and its URL.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) file: &'static str,
    pub(super) pointer: String,
    pub(super) value: &'static Value,
}

impl Node {
    /// The root of a document.
    pub(super) fn root(file: &'static str) -> Node {
        Node { file, pointer: String::new(), value: &DOCUMENTS.files[file] }
    }

    /// The node at this path of names. References along the path and at its end are followed.
    pub(super) fn find(&self, names: &[&str]) -> Option<Node> {
        let mut node = self.clone();
        for name in names {
            let escaped = name.replace('~', "~0").replace('/', "~1");
            let pointer = format!("{}/{}", node.pointer, utf8_percent_encode(&escaped, FRAGMENT));
            node = Node { pointer, value: node.value.get(name)?, ..node };
            if let Some(reference) = node.value["$ref"].as_str() {
                node = node.follow(reference)?;
            }
        }
        Some(node)
    }

    pub(super) fn follow(&self, reference: &str) -> Option<Node> {
        let (file, pointer) = reference.split_once('#')?;
        let file = [OPENAPI, ASYNCAPI].into_iter().find(|known| *known == file).unwrap_or(self.file);
        let names: Vec<String> =
            pointer.split('/').skip(1).map(|name| name.replace("~1", "/").replace("~0", "~")).collect();
        Node::root(file).find(&names.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The names and values of an object.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'static String, &'static Value)> {
        self.value.as_object().into_iter().flatten()
    }

    /// Whether a value fits the schema at this node.
    pub(super) fn describes(&self, value: &Value) -> Result<(), String> {
        let address = format!("{}#{}", address_of(self.file), self.pointer);
        let mut validators = DOCUMENTS.validators.lock().expect("no panic holds it");
        let validator = validators.entry(address).or_insert_with_key(|address| {
            let options = jsonschema::options().with_registry(&DOCUMENTS.registry).should_validate_formats(true);
            Arc::new(options.offline().build(&json!({"$ref": address})).expect("the document's schema compiles"))
        });
        let validator = Arc::clone(validator);
        drop(validators);
        let errors: Vec<String> =
            validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        if errors.is_empty() {
            return Ok(());
        }
        Err(format!("{value:.500} does not fit {}#{}: {}", self.file, self.pointer, errors.join("; ")))
    }
}
