//! What is read here is what the engine answers, byte for byte but for the order of attributes; everything else is left to it.

use serde_json::{Value, json};

use super::*;
use crate::cloud::database::{Data, Database, operations};

fn database() -> Database {
    let table = TableSpec {
        logical_id: "ChatTable".to_owned(),
        name: "chat".to_owned(),
        keys: ("pk".to_owned(), "sk".to_owned()),
        stream: None,
        ttl: None,
    };
    let database = Database::open(&Data::Memory, &[table], None).unwrap();
    for number in 0..20 {
        let user = if number % 2 == 0 { "alice" } else { "bob" };
        let row = json!({
            "pk": {"S": "log"},
            "sk": {"S": format!("{number:03}")},
            "text": {"S": format!("a \"text\" with é, a tab \t and 🎉, {number}")},
            "user_id": {"S": user},
            "expires_at": {"N": (number * 100).to_string()},
            "marks": {"M": {"text": {"S": "inner"}, "list": {"L": [{"BOOL": true}, {"NULL": true}, {"B": "AAEC"}]}}},
            "names": {"SS": ["b", "a"]},
            "ratio": {"N": "1.50"},
        });
        put(&database, row);
    }
    put(&database, json!({"pk": {"S": "log"}, "sk": {"S": "void"}, "void": {"BOOL": true}}));
    put(&database, json!({"pk": {"S": "other"}, "sk": {"S": "000"}, "expires_at": {"S": "a text"}}));
    database
}

fn put(database: &Database, item: Value) {
    let put = json!({"TableName": "chat", "Item": item}).to_string();
    let answer = operations::answer(&database.engine, "DynamoDB_20120810.PutItem", put.as_bytes());
    assert!(answer.status().is_success(), "{answer:?}");
}

fn by_engine(database: &Database, operation: &str, request: &Value) -> (bool, Value) {
    let answer = operations::answer(&database.engine, operation, request.to_string().as_bytes());
    (answer.status().is_success(), serde_json::from_slice(answer.body()).unwrap())
}

/// The answer, if it is read here. A form of query that the engine accepts is noted, as the connector does it.
fn read(database: &Database, operation: &str, request: &Value) -> Option<Value> {
    let reads = database.worker.reads();
    match reads.answer(operation, request.to_string().as_bytes()) {
        Outcome::Read(json) => Some(serde_json::from_str(&json).unwrap()),
        Outcome::Left(new_form) => {
            if let Some(new_form) = new_form.filter(|_| by_engine(database, operation, request).0) {
                reads.accept(new_form);
            }
            None
        }
    }
}

const GET: &str = "DynamoDB_20120810.GetItem";
const QUERY: &str = "DynamoDB_20120810.Query";

/// A query with these changes: `null` takes a field out.
fn query(changes: Value) -> Value {
    let mut query = json!({
        "TableName": "chat",
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": "log"}},
        "ConsistentRead": true,
    });
    for (name, value) in changes.as_object().unwrap() {
        if name == "ExpressionAttributeValues" {
            query[name].as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
        } else {
            query[name] = value.clone();
        }
    }
    query
}

#[test]
fn a_row_is_read_as_the_engine_answers_it() {
    let database = database();
    for (pk, sk) in [("log", "007"), ("log", "void"), ("other", "000"), ("log", "missing"), ("nobody", "000")] {
        let get = json!({"TableName": "chat", "Key": {"pk": {"S": pk}, "sk": {"S": sk}}, "ConsistentRead": true});
        assert_eq!(read(&database, GET, &get), Some(by_engine(&database, GET, &get).1), "{pk} {sk}");
    }
    database.close();
}

#[test]
fn a_change_is_read_at_once() {
    let database = database();
    let get = json!({"TableName": "chat", "Key": {"pk": {"S": "log"}, "sk": {"S": "new"}}});
    for number in 0..100 {
        put(&database, json!({"pk": {"S": "log"}, "sk": {"S": "new"}, "number": {"N": number.to_string()}}));
        let found = read(&database, GET, &get).unwrap();
        assert_eq!(found["Item"]["number"]["N"], number.to_string());
    }
    database.close();
}

#[test]
fn a_page_is_read_as_the_engine_answers_it_once_its_form_was_accepted() {
    let database = database();
    let exists = "(attribute_exists(#text) OR attribute_exists(shadow_text))";
    let alive = "(attribute_not_exists(expires_at) OR expires_at > :now)";
    let names = json!({"#text": "text"});
    let edges = json!({":a": {"S": "003"}, ":b": {"S": "011"}});
    let mut pages = vec![
        json!({}),
        json!({"Limit": 1}),
        json!({"Limit": 21}),
        json!({"Limit": 22, "ScanIndexForward": false}),
        json!({"ScanIndexForward": false, "Limit": 7}),
        json!({"KeyConditionExpression": "pk = :pk AND sk BETWEEN :a AND :b", "ExpressionAttributeValues": edges}),
        json!({"KeyConditionExpression": "#p = :pk", "ExpressionAttributeNames": {"#p": "pk"}}),
        json!({"ExpressionAttributeValues": {":pk": {"S": "nobody"}}}),
    ];
    for operator in ["=", "<", "<=", ">", ">="] {
        let values = json!({":a": {"S": "007"}});
        let condition = format!("pk = :pk AND sk {operator} :a");
        pages.push(json!({"KeyConditionExpression": condition, "ExpressionAttributeValues": values, "Limit": 5}));
        for (value, attribute) in [(json!({"N": "700"}), "expires_at"), (json!({"S": "bob"}), "user_id")] {
            let filter = format!("{attribute} {operator} :value");
            pages.push(json!({"FilterExpression": filter, "ExpressionAttributeValues": {":value": value}}));
        }
    }
    for now in ["0", "-5", "1000", "99999"] {
        for filter in [format!("{exists} AND {alive}"), format!("{exists} OR {alive}"), format!("{alive} AND {exists}")]
        {
            let values = json!({":now": {"N": now}});
            let limit = 12;
            pages.push(json!({"FilterExpression": filter, "ExpressionAttributeNames": names, "ExpressionAttributeValues": values, "Limit": limit, "ScanIndexForward": false}));
        }
    }
    // A filter on another type than the attribute has.
    pages.push(json!({"FilterExpression": "expires_at > :now", "ExpressionAttributeValues": {":pk": {"S": "other"}, ":now": {"N": "1"}}}));
    for page in pages {
        let query = query(page);
        let (is_done, expected) = by_engine(&database, QUERY, &query);
        assert!(is_done, "{query}: {expected}");
        let _notes_the_form = read(&database, QUERY, &query);
        assert_eq!(read(&database, QUERY, &query), Some(expected), "{query}");
    }
    database.close();
}

#[test]
fn the_engine_answers_what_is_not_understood_and_refuses_what_it_refuses() {
    let database = database();
    let values = |values: Value| json!({"ExpressionAttributeValues": values});
    let filter =
        |filter: &str, value: Value| json!({"FilterExpression": filter, "ExpressionAttributeValues": {":v": value}});
    let between = json!({":a": {"S": "011"}, ":b": {"S": "003"}});
    for changes in [
        // What it answers.
        json!({"ProjectionExpression": "sk"}),
        json!({"Select": "COUNT"}),
        json!({"ReturnConsumedCapacity": "TOTAL"}),
        json!({"ExclusiveStartKey": {"pk": {"S": "log"}, "sk": {"S": "003"}}}),
        json!({"KeyConditionExpression": "pk = :pk AND begins_with(sk, :a)", "ExpressionAttributeValues": {":a": {"S": "0"}}}),
        filter("contains(user_id, :v)", json!({"S": "a"})),
        filter("marks.inner = :v", json!({"S": "a"})),
        filter("NOT user_id = :v", json!({"S": "bob"})),
        filter("user_id <> :v", json!({"S": "bob"})),
        filter("ratio > :v", json!({"N": "1"})),
        filter("expires_at > :v", json!({"N": "1.5"})),
        // What it refuses.
        values(json!({":unused": {"S": "a"}})),
        values(json!({":pk": {"S": ""}})),
        values(json!({":pk": {"N": "1"}})),
        values(json!({":pk": {"S": "a".repeat(2_049)}})),
        json!({"KeyConditionExpression": "pk = :pk AND sk BETWEEN :a AND :b", "ExpressionAttributeValues": between}),
        json!({"KeyConditionExpression": "text = :pk"}),
        json!({"ExpressionAttributeNames": {"#unused": "a"}}),
        json!({"Limit": 0}),
        json!({"TableName": "other"}),
        filter("sk = :v", json!({"S": "a"})),
        filter("text = :v", json!({"S": "text is a reserved word"})),
        filter("user_id = :missing", json!({"S": "a"})),
        filter("user_id = :v AND", json!({"S": "a"})),
        filter("(user_id = :v", json!({"S": "a"})),
    ] {
        let query = query(changes);
        for _ in 0..3 {
            assert_eq!(read(&database, QUERY, &query), None, "{query}: {:?}", by_engine(&database, QUERY, &query));
        }
    }
    let key = json!({"pk": {"S": "log"}, "sk": {"S": "003"}});
    for get in [
        json!({"TableName": "chat", "Key": key, "ProjectionExpression": "sk"}),
        json!({"TableName": "chat", "Key": key, "ReturnConsumedCapacity": "TOTAL"}),
        json!({"TableName": "chat", "Key": {"pk": {"S": "log"}}}),
        json!({"TableName": "chat", "Key": {"pk": {"S": "log"}, "sk": {"S": ""}}}),
        json!({"TableName": "chat", "Key": {"pk": {"S": "log"}, "sk": {"N": "3"}}}),
        json!({"TableName": "chat", "Key": {"pk": {"S": "log"}, "sk": {"S": "3"}, "more": {"S": "3"}}}),
        json!({"TableName": "chat", "Key": {"pk": {"S": "log"}, "sk": {"S": "a".repeat(1_025)}}}),
        json!({"TableName": "other", "Key": key}),
    ] {
        assert_eq!(read(&database, GET, &get), None, "{get}");
    }
    database.close();
}

#[test]
fn a_page_of_more_than_a_megabyte_is_left_to_the_engine() {
    let database = database();
    for number in 0..4 {
        let filling = "x".repeat(300_000);
        put(&database, json!({"pk": {"S": "large"}, "sk": {"S": number.to_string()}, "filling": {"S": filling}}));
    }
    let limited_to =
        |limit: usize| query(json!({"ExpressionAttributeValues": {":pk": {"S": "large"}}, "Limit": limit}));
    let _notes_the_form = read(&database, QUERY, &limited_to(3));
    assert_eq!(read(&database, QUERY, &limited_to(3)), Some(by_engine(&database, QUERY, &limited_to(3)).1));
    assert_eq!(read(&database, QUERY, &limited_to(4)), None);
    assert_eq!(by_engine(&database, QUERY, &limited_to(4)).1["Count"], 3, "it ends the page");
    database.close();
}

#[test]
fn nothing_is_read_once_the_database_is_closed() {
    let database = database();
    let reads = database.worker.reads().clone();
    let get = json!({"TableName": "chat", "Key": {"pk": {"S": "log"}, "sk": {"S": "003"}}}).to_string();
    assert!(matches!(reads.answer(GET, get.as_bytes()), Outcome::Read(_)));
    database.close();
    assert!(matches!(reads.answer(GET, get.as_bytes()), Outcome::Left(None)));
}
