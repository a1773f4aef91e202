//! White space around a secret: it counts, and the log says so once.

use std::io;
use std::sync::{Arc, Mutex};

use jsonwebtoken::Algorithm::HS256;
use serde_json::json;
use shared::domain::config::Config;
use shared::platform::aws::AwsEnvironment;
use shared::platform::token::Verifier;
use tests::jwt::by_secret;
use tests::key_server::{ARN, KeyServer};
use tracing_subscriber::util::SubscriberInitExt;

/// Lines of a log, in this thread only.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic holds it").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    fn of_warnings(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().expect("no panic holds it").clone()).expect("text");
        text.lines().filter(|line| line.contains("white space")).map(str::to_owned).collect()
    }
}

/// What is warned of when a verifier with these settings has verified three tokens of a secret, each after an hour.
async fn warnings(secret: &str, settings: &[(&str, &str)]) -> Vec<String> {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    // With a single one, tracing asks the subscriber of whichever thread comes first to a line, and remembers its answer for all threads.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let _guard = subscriber.set_default();
    let lookup = |name: &str| settings.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned());
    let aws = AwsEnvironment::from_lookup(lookup).expect("an environment");
    let verifier = Verifier::new(&Config::from_lookup(lookup).expect("settings").jwt, &aws).expect("a key");
    for hour in 0..3 {
        let now = jiff::Timestamp::from_second(1_700_000_000 + hour * 3_600).expect("a time");
        let token = by_secret(secret.as_bytes(), HS256, &json!({"sub": "ann", "exp": now.as_second() + 60}));
        assert!(verifier.verify(&token, now).await.is_ok(), "a secret is used as it is: {secret:?}");
    }
    lines.of_warnings()
}

#[tokio::test]
async fn white_space_around_a_secret_is_part_of_it_and_is_warned_of_once() {
    for secret in [
        "hush-hush\n",
        "hush-hush\r\n",
        " hush-hush",
        "hush-hush\t",
        "\u{feff}hush-hush",
        "hush-hush\u{a0}",
        "\nhush-hush\n",
    ] {
        let (server, url) = KeyServer::start().await;
        server.rotate(secret);
        let stored = [
            ("JWT_SECRET_ARN", ARN),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", url.as_str()),
            ("AWS_ACCESS_KEY_ID", "x"),
            ("AWS_SECRET_ACCESS_KEY", "x"),
        ];
        for (setting, settings) in [("JWT_SECRET", &[("JWT_SECRET", secret)][..]), ("JWT_SECRET_ARN", &stored)] {
            let warned = warnings(secret, settings).await;
            assert_eq!(warned.len(), 1, "{setting} {secret:?}: {warned:?}");
            assert!(
                warned[0].contains("WARN") && warned[0].contains(setting) && !warned[0].contains("hush"),
                "{warned:?}"
            );
        }
        assert!(server.asked() >= 4, "the secret was read more than once");
    }
    assert_eq!(warnings("hush hush", &[("JWT_SECRET", "hush hush")]).await, Vec::<String>::new());
}
