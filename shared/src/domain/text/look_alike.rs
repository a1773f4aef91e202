//! Names that can be taken for each other (UTS #39, section 4, Confusable Detection).

use unicode_security::confusable_detection::skeleton;

/// How a name looks, in the letters that it has and in small ones: `AIice` looks like `Alice`, and `ALICE` is read as the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looks([String; 2]);

impl Looks {
    /// The looks of a name.
    pub fn of(name: &str) -> Looks {
        Looks([skeleton(name).collect(), skeleton(&name.to_lowercase()).collect()])
    }

    /// Whether readers can take one name for the other. Equal names are the simplest case.
    pub fn resemble(&self, other: &Looks) -> bool {
        self.0.iter().any(|look| other.0.contains(look))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_resemble_each_other() {
        for (name, other) in [
            ("Alice", "Alice"),
            ("Alice", "alice"),
            ("Alice", "AIice"),
            ("Alice", "Аlісе"),
            ("Alice", "ALICE"),
            ("Tim", "Tirn"),
            ("Mod", "𝐌od"),
            ("Paolo", "Ρaο1ο"),
        ] {
            assert!(Looks::of(name).resemble(&Looks::of(other)), "{name} {other}");
            assert!(Looks::of(other).resemble(&Looks::of(name)), "{other} {name}");
        }
    }

    #[test]
    fn names_that_readers_tell_apart_do_not() {
        for (name, other) in
            [("Alice", "Alicia"), ("Anna", "Änna"), ("Mod", "Mod 2"), ("Юля", "Юлия"), ("你好", "您好")]
        {
            assert!(!Looks::of(name).resemble(&Looks::of(other)), "{name} {other}");
        }
    }
}
