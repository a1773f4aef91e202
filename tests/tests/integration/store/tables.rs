//! Tables of a test's own, in whichever engine runs them, and what is written to them.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, StreamSpecification,
    StreamViewType,
};
use jiff::{SignedDuration, Timestamp};
use shared::domain::config::Config;
use shared::domain::message::{ClientMessageId, Draft};
use shared::domain::schedule::Window;
use shared::domain::session::Session;
use shared::domain::text::message_text::MessageText;
use shared::features::messages::store_send::StoreOutcome;
use shared::features::sessions::rules::Rules;
use shared::features::sessions::store_seq::SeqAllocation;
use shared::features::sockets::store::Socket;
use shared::platform::aws::AwsEnvironment;
use shared::platform::dynamo::Store;
use tests::caller;
use tests::world::World;

/// A store, and a guard that must live as long as it.
pub(crate) struct Tables {
    pub(crate) store: Store,
    /// The same tables, bypassing the store.
    pub(crate) client: Client,
    pub(crate) chat: String,
    pub(crate) connections: String,
    pub(super) now: Timestamp,
    _world: Option<World>,
}

impl Tables {
    pub(crate) async fn new() -> Tables {
        let (url, world) = match std::env::var("LIVE_CHAT_DYNAMODB") {
            Ok(url) => (url, None),
            Err(_) => {
                let world = World::start().await;
                (world.gateway.database_url().to_owned(), Some(world))
            }
        };
        let name = format!("test-{:016x}", rand::random::<u64>());
        let (chat, connections) = (format!("{name}-chat"), format!("{name}-connections"));
        let lookup = |variable: &str| {
            Some(match variable {
                "CHAT_TABLE" => chat.clone(),
                "CONNECTIONS_TABLE" => connections.clone(),
                "AWS_ENDPOINT_URL_DYNAMODB" => url.clone(),
                "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" | "JWT_SECRET" => "local".to_owned(),
                _ => return None,
            })
        };
        let client = AwsEnvironment::from_lookup(lookup).expect("an environment").dynamodb();
        create(&client, &chat, true).await;
        create(&client, &connections, false).await;
        let config = Config::from_lookup(lookup).expect("settings");
        let store = Store::new(client.clone(), &config);
        Tables { store, client, chat, connections, now: Timestamp::now(), _world: world }
    }

    pub(super) async fn session(&self) -> Session {
        let (start, end) = (self.now - SignedDuration::from_hours(1), self.now + SignedDuration::from_hours(1));
        let window = Window { key: "2024-01-01".to_owned(), name: "Draw".to_owned(), start, end: Some(end) };
        self.store.session_of_window(&window).await.expect("the table answers").expect("a session")
    }

    pub(super) async fn stored(&self, session: &Session, text: &str) -> u64 {
        let SeqAllocation::Allocated(seq) =
            self.store.allocate_seq(session, Rules::default(), self.now).await.expect("the table answers")
        else {
            panic!("the session is open")
        };
        let sent = self.store.store_message(session, seq, &caller("ann"), &draft(text, None), self.now).await;
        assert!(matches!(sent.expect("the table answers"), StoreOutcome::Stored(_)));
        seq
    }
}

async fn create(client: &Client, name: &str, has_stream: bool) {
    let attribute =
        |name: &str| AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S).build();
    let key = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    let stream = StreamSpecification::builder().stream_enabled(true).stream_view_type(StreamViewType::NewAndOldImages);
    let request = client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("pk").expect("complete"))
        .attribute_definitions(attribute("sk").expect("complete"))
        .key_schema(key("pk", KeyType::Hash).expect("complete"))
        .key_schema(key("sk", KeyType::Range).expect("complete"))
        .set_stream_specification(if has_stream { Some(stream.build().expect("complete")) } else { None });
    request.send().await.expect("the table is made");
}

pub(super) fn draft(text: &str, key: Option<&str>) -> Draft {
    let key = key.map(|key| ClientMessageId::parse(key).expect("a key"));
    Draft::new(MessageText::parse(text, 5000).expect("a text"), key)
}

pub(super) fn socket(id: usize, session: &Session) -> Socket {
    Socket {
        connection_id: format!("socket{id:011}="),
        session_id: session.id,
        caller: caller(&format!("user{id}")),
        connected_ms: 0,
        batch: id.is_multiple_of(2),
        was_pruned: false,
    }
}
