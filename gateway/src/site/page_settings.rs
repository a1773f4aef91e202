//! What the page is told: settings in its `<meta>` elements, and the policy under which a browser runs it.

use shared::domain::config::PictureHost;

/// The maximum of the page's counter, as it stands in the file: the default of `LIVE_CHAT_MAX_MESSAGE_LENGTH`.
const MAX_LENGTH: &str = r#"<meta name="live-chat-max-message-length" content="1000">"#;
/// The hosts of pictures, as they stand in the file: the default of `LIVE_CHAT_PICTURE_HOSTS`.
const PICTURE_HOSTS: &str = r#"<meta name="live-chat-picture-hosts" content="">"#;

/// The settings of the page. By default it keeps the values of its file.
#[derive(Clone, Debug, Default)]
pub struct PageSettings {
    /// The longest message in characters.
    pub max_message_length: Option<usize>,
    /// The hosts whose pictures are shown.
    pub picture_hosts: Vec<PictureHost>,
}

impl PageSettings {
    /// `Content-Security-Policy`: only the page's own files, calls and sockets to its own origin, and pictures of the named hosts.
    /// `template.yaml` makes the same text. `'self'` means the sockets of the origin, too (CSP 3, which every browser follows by now).
    pub(super) fn policy(&self) -> String {
        let hosts: String = self.picture_hosts.iter().map(|host| format!(" https://{host}")).collect();
        format!(
            "default-src 'self'; img-src 'self' data:{hosts}; object-src 'none'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'"
        )
    }

    /// The page itself, which must count as the chat does, and show the pictures that the policy allows.
    pub(super) fn written_into(&self, page: &[u8]) -> Vec<u8> {
        let mut page = String::from_utf8_lossy(page).into_owned();
        if let Some(longest) = self.max_message_length {
            page = page.replace(MAX_LENGTH, &MAX_LENGTH.replace("1000", &longest.to_string()));
        }
        let hosts: Vec<&str> = self.picture_hosts.iter().map(PictureHost::as_str).collect();
        let hosts = PICTURE_HOSTS.replace(r#"content="""#, &format!(r#"content="{}""#, hosts.join(",")));
        page.replace(PICTURE_HOSTS, &hosts).into_bytes()
    }
}
