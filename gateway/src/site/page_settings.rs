//! What the page is told: settings in its `<meta>` elements, and the policy under which a browser runs it.

use shared::domain::config::PictureHost;

use crate::site::origins::{Origins, SiteOrigin};

/// The maximum of the page's counter, as it stands in the file: the default of `LIVE_CHAT_MAX_MESSAGE_LENGTH`.
const MAX_LENGTH: &str = r#"<meta name="live-chat-max-message-length" content="1000">"#;
/// The hosts of pictures, as they stand in the file: the default of `LIVE_CHAT_PICTURE_HOSTS`.
const PICTURE_HOSTS: &str = r#"<meta name="live-chat-picture-hosts" content="">"#;
/// The origins that may hand over tokens, as they stand in the files.
const HOSTS: &str = r#"<meta name="live-chat-hosts" content="">"#;
/// The page of the chat, the same for frames, and that of replays.
const PAGES: [&str; 3] = ["index.html", "embed/index.html", "replay/index.html"];
/// Where else the page of replays may read exports and recordings: a visitor names them, or chooses files.
const REPLAYED: &str = "connect-src 'self' https:; media-src 'self' blob: https:; ";

/// The settings of the pages. By default they keep the values of their files, and nobody has them in a frame.
#[derive(Clone, Debug, Default)]
pub struct PageSettings {
    /// The longest message in characters.
    pub max_message_length: Option<usize>,
    /// The hosts whose pictures are shown.
    pub picture_hosts: Vec<PictureHost>,
    /// Who may have which page in a frame.
    pub origins: Origins,
}

impl PageSettings {
    /// `Content-Security-Policy` of a file: only the page's own files, calls and sockets to its own origin, pictures of the named hosts,
    /// and frames in pages of the named origins. `template.yaml` makes the same text. `'self'` means the sockets of the origin, too
    /// (CSP 3, which every browser follows by now).
    pub(super) fn policy(&self, name: &str) -> String {
        let hosts: String = self.picture_hosts.iter().map(|host| format!(" https://{host}")).collect();
        format!(
            "default-src 'self'; {}img-src 'self' data:{hosts}; object-src 'none'; base-uri 'none'; form-action 'none'; \
             frame-ancestors {}",
            if name.starts_with("replay/") { REPLAYED } else { "" },
            listed(self.origins.around(name), " ").unwrap_or_else(|| "'none'".to_owned())
        )
    }

    /// A file as a browser gets it. The page must count as the chat does, show the pictures that its policy allows, and believe those
    /// who may have it in a frame.
    pub(super) fn written_into(&self, name: &str, file: &[u8]) -> Vec<u8> {
        if !PAGES.contains(&name) {
            return file.to_vec();
        }
        let mut page = String::from_utf8_lossy(file).into_owned();
        if let Some(longest) = self.max_message_length {
            page = page.replace(MAX_LENGTH, &MAX_LENGTH.replace("1000", &longest.to_string()));
        }
        let hosts: Vec<&str> = self.picture_hosts.iter().map(PictureHost::as_str).collect();
        let hosts = PICTURE_HOSTS.replace(r#"content="""#, &format!(r#"content="{}""#, hosts.join(",")));
        page = page.replace(PICTURE_HOSTS, &hosts);
        if let Some(origins) = listed(self.origins.around(name), ",") {
            page = page.replace(HOSTS, &HOSTS.replace(r#"content="""#, &format!(r#"content="{origins}""#)));
        }
        page.into_bytes()
    }
}

fn listed(origins: &[SiteOrigin], separator: &str) -> Option<String> {
    let origins: Vec<&str> = origins.iter().map(SiteOrigin::as_str).collect();
    (!origins.is_empty()).then(|| origins.join(separator))
}
