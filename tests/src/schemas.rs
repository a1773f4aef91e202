//! `docs/openapi.yaml` and `docs/asyncapi.yaml` as a judge: whatever the integration tests receive must be documented there,
//! so that the documents cannot fall behind the code. The clients in `rest` and `socket` ask it about every answer and frame.

pub mod calls;
pub mod frames;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::{Registry, Validator};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};

const OPENAPI: &str = "openapi.yaml";
const ASYNCAPI: &str = "asyncapi.yaml";
/// What a fragment of an address must not hold as itself; `{` and `}` stand in paths.
const FRAGMENT: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'{').add(b'}').add(b'%');

/// Both documents, and the validators that were needed so far: each is compiled once for all tests.
struct Documents {
    files: HashMap<&'static str, Value>,
    registry: Registry<'static>,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

static DOCUMENTS: LazyLock<Documents> = LazyLock::new(|| {
    let texts =
        [(OPENAPI, include_str!("../../docs/openapi.yaml")), (ASYNCAPI, include_str!("../../docs/asyncapi.yaml"))];
    let files: HashMap<&str, Value> =
        texts.map(|(file, text)| (file, serde_norway::from_str(text).expect("the document is YAML"))).into();
    let addresses = files.iter().map(|(file, document)| (address_of(file), document.clone()));
    let registry =
        Registry::new().extend(addresses).expect("addresses").prepare().expect("references that lead somewhere");
    Documents { files, registry, validators: Mutex::default() }
});

/// Reads the documents, which takes a moment: a test does that before it begins, not between two of its steps.
pub fn prepare() {
    LazyLock::force(&DOCUMENTS);
    frames::prepare();
}

/// The documents refer to each other by file name, so they get addresses in one folder that nobody could fetch from.
fn address_of(file: &str) -> String {
    format!("docs:/{file}")
}

/// A node of a document, and its address.
#[derive(Clone)]
struct Place {
    file: &'static str,
    pointer: String,
    node: &'static Value,
}

impl Place {
    /// The root of a document.
    fn root(file: &'static str) -> Place {
        Place { file, pointer: String::new(), node: &DOCUMENTS.files[file] }
    }

    /// The node that these names lead to. References on the way, and at its end, are followed.
    fn find(&self, names: &[&str]) -> Option<Place> {
        let mut place = self.clone();
        for name in names {
            let escaped = name.replace('~', "~0").replace('/', "~1");
            let pointer = format!("{}/{}", place.pointer, utf8_percent_encode(&escaped, FRAGMENT));
            place = Place { pointer, node: place.node.get(name)?, ..place };
            if let Some(reference) = place.node["$ref"].as_str() {
                place = place.follow(reference)?;
            }
        }
        Some(place)
    }

    fn follow(&self, reference: &str) -> Option<Place> {
        let (file, pointer) = reference.split_once('#')?;
        let file = [OPENAPI, ASYNCAPI].into_iter().find(|known| *known == file).unwrap_or(self.file);
        let names: Vec<String> =
            pointer.split('/').skip(1).map(|name| name.replace("~1", "/").replace("~0", "~")).collect();
        Place::root(file).find(&names.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The names and values of an object.
    fn entries(&self) -> impl Iterator<Item = (&'static String, &'static Value)> {
        self.node.as_object().into_iter().flatten()
    }

    /// Whether a value is what the schema at this place describes.
    fn describes(&self, value: &Value) -> Result<(), String> {
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
