//! White space around a secret, such as the newline that editors and `echo` put at the end of a file. It is part of the key, so tokens of a
//! signer that trims its copy do not verify, and nobody sees why. It was always accepted, so it is not dropped: the log tells.

use std::sync::atomic::{AtomicBool, Ordering};

/// Warns once, as long as the process lives.
pub(super) struct WhiteSpaceWarning {
    setting: &'static str,
    was_given: AtomicBool,
}

impl WhiteSpaceWarning {
    /// The warning about the secret of this setting.
    pub(super) fn about(setting: &'static str) -> WhiteSpaceWarning {
        WhiteSpaceWarning { setting, was_given: AtomicBool::new(false) }
    }

    /// Warns if the secret begins or ends with white space. The line does not contain the secret.
    pub(super) fn look_at(&self, secret: &str) {
        // Editors of Windows begin a file with U+FEFF, which is invisible, too.
        let is_white = |character: char| character.is_whitespace() || character == '\u{feff}';
        let has_white_space = secret.starts_with(is_white) || secret.ends_with(is_white);
        if has_white_space && !self.was_given.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                setting = self.setting,
                "the secret begins or ends with white space, which is part of the key: tokens must be signed with it, too"
            );
        }
    }
}
