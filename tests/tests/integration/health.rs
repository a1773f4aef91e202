//! `/health` of the local gateway: healthy while both tables respond.

use jiff::Timestamp;
use tests::proxy::{Fate, Proxy};
use tests::world::World;

#[tokio::test]
async fn the_gateway_is_well_while_its_tables_answer() {
    let proxy = Proxy::start().await;
    let url = proxy.url();
    let world = World::start_with(Timestamp::now(), &[("AWS_ENDPOINT_URL_DYNAMODB", &url)], |_| {}).await;
    proxy.set_target(world.gateway.database_url());
    let health = world.get("/health").await;
    assert_eq!(health.headers["cache-control"], "no-store");
    let version = health.json["version"].as_str().expect("a version").to_owned();
    let expected = serde_json::json!({"status": "ok", "database": "reachable", "version": version});
    assert_eq!(health.ok(), expected);

    proxy.judge(|request| match request.body.contains("live-chat-connections") {
        true => Fate::Answer(500, r#"{"__type": "InternalServerError"}"#.to_owned()),
        false => Fate::Pass,
    });
    let health = world.get("/health").await;
    assert_eq!((health.status, &health.json["status"]), (503, &"unavailable".into()));
    assert_eq!(health.json["database"], "unreachable");

    proxy.judge(|_| Fate::Pass);
    assert_eq!(world.get("/health").await.ok(), expected);
}
