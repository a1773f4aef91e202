//! The writing half of a viewer's socket, as senders use it.

use std::cell::RefCell;
use std::io;

use tokio::io::{AsyncWriteExt, WriteHalf};
use tokio::sync::{Mutex, mpsc};

use crate::send_outcome::SendOutcome;
use crate::transport::Wire;

/// See the module.
pub(crate) struct SocketWriter {
    writer: Mutex<WriteHalf<Wire>>,
    /// The sender that waits for answers, if there is one.
    pub(crate) answers: RefCell<Option<mpsc::UnboundedSender<SendOutcome>>>,
}

impl SocketWriter {
    pub(crate) fn new(writer: WriteHalf<Wire>) -> SocketWriter {
        SocketWriter { writer: Mutex::new(writer), answers: RefCell::default() }
    }

    pub(crate) async fn send(&self, frame: &[u8]) -> io::Result<()> {
        let mut writer = self.writer.lock().await;
        writer.write_all(frame).await?;
        writer.flush().await
    }
}
