//! What a stack costs in a month in which nobody uses it.

use clap::Args;
use serde_norway::Value;

use crate::bill::{Line, bill, total};
use crate::counts::Counts;
use crate::event::Event;
use crate::figures::{amount, grouped};
use crate::prices::Prices;
use crate::units::{self, Units};

/// `housekeep` makes some ten calls of 5 ms for an open session, and looks after 8 sessions at once.
const SECONDS_PER_SESSION: f64 = 10.0 * 0.005 / 8.0;
const MONTH_SECONDS: f64 = 30.0 * 24.0 * 3_600.0;
/// What one handler's fetch asks of Secrets Manager, and how often in a month: `housekeep` verifies no tokens, so it fetches none.
const SECRETS: f64 = 1.0;

/// What the template creates that is billed by the month.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Fixtures {
    /// Metrics of all alarms: each is billed, also those that an expression of one alarm adds up.
    pub alarm_metrics: f64,
    /// Alarms.
    pub alarms: f64,
    /// Dashboards.
    pub dashboards: f64,
}

impl Fixtures {
    /// Those of a template, without those that exist only under a condition.
    ///
    /// # Errors
    /// If it is not YAML.
    pub fn of_template(yaml: &str) -> Result<Fixtures, serde_norway::Error> {
        let template: Value = serde_norway::from_str(yaml)?;
        let mut fixtures = Fixtures::default();
        for resource in template["Resources"].as_mapping().into_iter().flat_map(|resources| resources.values()) {
            if resource.get("Condition").is_some() {
                continue;
            }
            match resource["Type"].as_str() {
                Some("AWS::CloudWatch::Alarm") => {
                    let metrics = resource["Properties"]["Metrics"].as_sequence();
                    let is_read = |metric: &&Value| metric.get("MetricStat").is_some();
                    fixtures.alarm_metrics +=
                        metrics.map_or(1, |metrics| metrics.iter().filter(is_read).count()) as f64;
                    fixtures.alarms += 1.0;
                }
                Some("AWS::CloudWatch::Dashboard") => fixtures.dashboards += 1.0,
                _ => {}
            }
        }
        Ok(fixtures)
    }
}

/// The options of `cost idle`.
#[derive(Clone, Copy, Debug, Args)]
pub struct IdleArgs {
    /// Sessions that hosts left open, in which nobody is.
    #[arg(long, default_value_t = 0.0, value_parser = amount)]
    pub sessions: f64,
}

impl IdleArgs {
    /// The units of a minute's housekeeping.
    pub fn units_of_a_minute(&self) -> Units {
        let mut units = units::HOUSEKEEP;
        units += units::IDLE_SESSION.times(self.sessions);
        units
    }

    /// The table of a month.
    ///
    /// # Errors
    /// If there are no prices or no template, which a test excludes.
    pub fn table(&self) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
        table(self.sessions)
    }
}

fn table(sessions: f64) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let prices = Prices::embedded()?;
    let fixtures = Fixtures::of_template(include_str!("../../template.yaml"))?;
    // Nobody comes: what remains is `housekeep`, each minute.
    let nobody = Event { viewers: 0.0, messages_per_second: 0.0, seconds: MONTH_SECONDS, ..Event::default() };
    let mut counts = Counts::of(&nobody);
    let minutes = sessions * MONTH_SECONDS / 60.0;
    counts.units += units::IDLE_SESSION.times(minutes);
    counts.gb_seconds += minutes * SECONDS_PER_SESSION * 0.5;
    let runs: f64 = counts.invocations.values().sum();
    let mut lines: Vec<Line> =
        bill(&counts, &prices, 1.0, 1.0).into_iter().filter(|line| line.quantity > 0.0).collect();
    for (title, name, quantity) in [
        ("X-Ray", "xray_trace", runs),
        ("CloudWatch, alarms", "alarm_metric", fixtures.alarm_metrics),
        ("CloudWatch, dashboards", "dashboard", fixtures.dashboards),
        ("CloudWatch, metrics", "custom_metric", 1.0),
        ("Secrets Manager", "secret", SECRETS),
    ] {
        lines.extend(line(&prices, title, name, quantity));
    }
    let sum = total(&lines);
    let with_waf: Vec<Line> = [("WAF, web ACL", "waf_acl"), ("WAF, rule", "waf_rule")]
        .iter()
        .filter_map(|(title, name)| line(&prices, title, name, 1.0))
        .collect();
    let of_sessions = if sessions > 0.0 { format!(" with {} open sessions", grouped(sessions)) } else { String::new() };
    let mut table = format!("| an idle month{of_sessions} | quantity | USD | |\n| --- | --- | --- | --- |\n");
    let row =
        |line: &Line| format!("| {} | {} | {:.2} | {} |\n", line.title, grouped(line.quantity), line.usd, line.unit);
    table.extend(lines.iter().map(row));
    table += &format!("| total | | {sum:.2} | |\n");
    table.extend(with_waf.iter().map(row));
    table += &format!("| total with a rate rule | | {:.2} | |\n", sum + total(&with_waf));
    table += &format!(
        "\n{} alarms read {} metrics. Prices of {}, {}. {}\n",
        fixtures.alarms, fixtures.alarm_metrics, prices.region, prices.date, prices.note
    );
    Ok(table)
}

fn line(prices: &Prices, title: &'static str, name: &str, quantity: f64) -> Option<Line> {
    let price = prices.get(name)?;
    Some(Line { title, unit: price.unit.clone(), quantity, usd: price.of(quantity) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_metric_of_an_alarm_is_counted_but_no_expression_and_no_alarm_that_is_not_there() {
        let yaml = "
Resources:
  One: { Type: AWS::CloudWatch::Alarm, Properties: { MetricName: !Ref X } }
  Two:
    Type: AWS::CloudWatch::Alarm
    Properties: { Metrics: [{ Id: sum, Expression: a + b }, { Id: a, MetricStat: {} }, { Id: b, MetricStat: {} }] }
  Asked: { Type: AWS::CloudWatch::Alarm, Condition: IsAsked, Properties: { MetricName: !Ref X } }
  Board: { Type: AWS::CloudWatch::Dashboard }
  Table: { Type: AWS::DynamoDB::Table }
";
        let fixtures = Fixtures::of_template(yaml).unwrap();
        assert_eq!(fixtures, Fixtures { alarm_metrics: 3.0, alarms: 2.0, dashboards: 1.0 });
    }

    #[test]
    fn an_idle_month_has_a_run_of_housekeep_each_minute() {
        let table = table(0.0).unwrap();
        assert!(table.contains("| Lambda, requests | 43,200 |"), "{table}");
        for line in [
            "Lambda, time",
            "DynamoDB, reads",
            "CloudWatch, logs",
            "CloudWatch, alarms",
            "Secrets Manager",
            "WAF, rule",
        ] {
            assert!(table.contains(&format!("| {line} |")), "{line} is not in\n{table}");
        }
    }
}
