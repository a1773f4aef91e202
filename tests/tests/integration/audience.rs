//! The sockets that receive an event for a given audience.

use std::collections::BTreeSet;

use gateway::token::Claims;
use shared::broadcast::audience::Audience;
use tests::world::World;

/// The connection ids of an audience.
async fn ids(world: &World, audience: &Audience) -> BTreeSet<String> {
    let found = audience.subscribers(&world.store(), 1).await.expect("the table answers").expect("it is a few");
    found.into_iter().map(|subscriber| subscriber.connection_id).collect()
}

#[tokio::test]
async fn staff_and_single_users_are_found_without_reading_the_room() {
    let world = World::start().await;
    let staff = |role: &str| world.user_as(role, role);
    let with = |sub: &str, capabilities: [&str; 2]| {
        let (capabilities, roles) = (capabilities.map(str::to_owned).to_vec(), vec!["host".to_owned()]);
        world.user_with(Claims { sub: sub.to_owned(), capabilities, roles, ..Claims::default() })
    };
    // Capabilities decide, not roles.
    let (auditor, tied) = (with("auditor", ["read", "audit"]), with("tied", ["read", "send"]));
    let (_of_auditor, _of_tied) = (auditor.connect().await, tied.connect().await);
    let (host, moderator, ann) = (staff("host"), staff("moderator"), world.user("ann"));
    let (of_host, of_moderator) = (host.connect().await, moderator.connect().await);
    let (_first_of_ann, second_of_ann) = (ann.connect().await, ann.connect().await);
    let user = |id: &str| Audience::User(id.to_owned());

    let everybody = Audience::Everybody.subscribers(&world.store(), 1).await.expect("the table answers");
    assert_eq!(everybody, None, "the room lists everybody");
    let staff = ids(&world, &Audience::Staff).await;
    let expected = &ids(&world, &user("host")).await | &ids(&world, &user("moderator")).await;
    let expected = &expected | &ids(&world, &user("auditor")).await;
    assert_eq!((staff.len(), &staff), (3, &expected));
    assert_eq!(ids(&world, &user("ann")).await.len(), 2);
    assert!(ids(&world, &user("nobody")).await.is_empty());

    second_of_ann.close(1000).await;
    of_moderator.close(1000).await;
    let expected = &ids(&world, &user("host")).await | &ids(&world, &user("auditor")).await;
    tests::within("the closed sockets are gone", async {
        while ids(&world, &Audience::Staff).await != expected || ids(&world, &user("ann")).await.len() != 1 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    drop(of_host);
}
