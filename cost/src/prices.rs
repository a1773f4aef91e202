//! The prices, from one dated file.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A gigabyte as AWS counts it, in bytes.
pub const GB: f64 = 1024.0 * 1024.0 * 1024.0;

/// The file `prices.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Prices {
    /// Where they hold.
    pub region: String,
    /// When they were looked up.
    pub date: String,
    /// A remark on them.
    pub note: String,
    prices: BTreeMap<String, Price>,
}

/// One price.
#[derive(Clone, Debug, Deserialize)]
pub struct Price {
    usd: f64,
    per: f64,
    /// The unit of a quantity.
    pub unit: String,
    /// The title of the page that says so.
    pub source: String,
}

impl Prices {
    /// Those in the repository.
    ///
    /// # Errors
    /// If the file is no such file, which a test excludes.
    pub fn embedded() -> Result<Prices, serde_json::Error> {
        serde_json::from_str(include_str!("prices.json"))
    }

    /// The price of this name.
    pub fn get(&self, name: &str) -> Option<&Price> {
        self.prices.get(name)
    }
}

impl Price {
    /// The price of a quantity, in dollars.
    pub fn of(&self, quantity: f64) -> f64 {
        quantity / self.per * self.usd
    }
}
