//! Announcements: messages of the host that stand out (docs/contract.md, Announcements).

use serde::{Deserialize, Serialize};

/// The colour of an announcement. Clients choose the shade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Color {
    /// That of the application.
    #[default]
    Primary,
    /// Blue.
    Blue,
    /// Green.
    Green,
    /// Orange.
    Orange,
    /// Purple.
    Purple,
}

impl Color {
    /// All colours.
    const ALL: [Color; 5] = [Color::Primary, Color::Blue, Color::Green, Color::Orange, Color::Purple];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Color::Primary => "primary",
            Color::Blue => "blue",
            Color::Green => "green",
            Color::Orange => "orange",
            Color::Purple => "purple",
        }
    }

    /// The colour with this name.
    pub fn parse(name: &str) -> Option<Color> {
        Color::ALL.into_iter().find(|color| color.name() == name)
    }

    /// All names, for people.
    pub fn names() -> String {
        Color::ALL.map(Color::name).join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written() {
        for color in Color::ALL {
            assert_eq!(serde_json::to_value(color).unwrap(), color.name());
            assert_eq!(Color::parse(color.name()), Some(color));
        }
        for name in ["", "Blue", "red", "#00f"] {
            assert_eq!(Color::parse(name), None, "{name}");
        }
    }
}
