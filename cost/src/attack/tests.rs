//! The prices of attacks against each other.

use super::request::TRACED;
use super::ways::Attack;
use super::*;
use crate::counts::{ACCESS_LOG_BYTES, LINE_BYTES};
use crate::prices::GB;
use crate::units::{self, Units};

fn args() -> AttackArgs {
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        args: AttackArgs,
    }
    Cli::parse_from(["attack"]).args
}

#[test]
fn a_refusal_at_the_door_costs_less_than_a_refusal_after_it_and_than_any_answer() {
    let prices = Prices::embedded().unwrap();
    for attack in args().attacks() {
        let (before, now) = (attack.before.unwrap().usd(&prices), attack.now.usd(&prices));
        assert!(now > 0.0 && before > 0.0, "{}", attack.what);
        if attack.bound.contains("403") {
            assert!(now < before, "{}: {now}, {before} before", attack.what);
        }
    }
}

#[test]
fn a_budget_of_a_user_makes_an_attack_with_a_token_cheaper() {
    let prices = Prices::embedded().unwrap();
    let attacks = args().attacks();
    let limited: Vec<&Attack> = attacks.iter().filter(|attack| attack.bound.contains("of a user a minute;")).collect();
    assert_eq!(limited.len(), 3);
    for attack in limited {
        // Through the same door.
        let unlimited = Request { through_edge: true, ..attack.before.unwrap() }.usd(&prices);
        let now = attack.now.usd(&prices);
        assert!(now < unlimited, "{}: {now}, {unlimited} without a limit", attack.what);
    }
}

#[test]
fn a_part_of_two_requests_costs_that_part_of_each() {
    let prices = Prices::embedded().unwrap();
    let one = Request { http: 1.0, invocations: 1.0, milliseconds: 20.0, posts: 3.0, ..Request::default() };
    let other =
        Request { invocations: 2.0, milliseconds: 1.0, bytes_out: 1e6, units: units::SAY, ..Request::default() };
    let both = one.times(0.25).plus(other.times(0.75)).usd(&prices);
    assert!((both - 0.25 * one.usd(&prices) - 0.75 * other.usd(&prices)).abs() < 1e-12);
}

#[test]
fn a_million_calls_cost_the_sum_of_their_prices() {
    let prices = Prices::embedded().unwrap();
    let price = |name: &str| prices.get(name).unwrap().of(1.0);
    let call = Request {
        http: 1.0,
        invocations: 1.0,
        milliseconds: 8.0,
        units: Units { read: 1.0, write: 4.0 },
        ..Request::default()
    };
    let expected = price("http_request")
        + price("lambda_request")
        + 0.002 * price("lambda_gb_second")
        + price("dynamodb_read")
        + 4.0 * price("dynamodb_write")
        + (LINE_BYTES + ACCESS_LOG_BYTES) / GB * price("log_gb")
        + TRACED * price("xray_trace");
    assert!((call.usd(&prices) - expected).abs() < 1e-12);
}

#[test]
fn a_table_has_a_row_for_each_attack() {
    let table = args().table().unwrap();
    assert_eq!(table.lines().filter(|line| line.starts_with("| ")).count(), args().attacks().len() + 2);
}
