//! The model server of a measurement: this program again, ended when it is dropped.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde::Deserialize;

/// A running model server.
#[derive(Debug)]
pub(crate) struct Mock {
    process: Child,
    /// What stands before `/chat/completions`.
    pub(crate) url: String,
}

/// What a server counted.
#[derive(Debug, Deserialize)]
pub(crate) struct Stats {
    /// Questions that arrived.
    pub(crate) requests: usize,
    /// The most that were in flight at once.
    pub(crate) most_in_flight: usize,
}

impl Mock {
    /// A server that answers after `latency`.
    pub(crate) fn start(latency: Duration) -> Result<Self, Box<dyn Error>> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["mock", "--latency", &format!("{}ms", latency.as_millis())])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut url = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout).read_line(&mut url)?;
        }
        let url = url.trim().to_owned();
        let mock = Self { process, url };
        if mock.url.is_empty() {
            return Err("the model server did not start".into());
        }
        Ok(mock)
    }

    /// What it counted so far.
    pub(crate) fn stats(&self) -> Result<Stats, Box<dyn Error>> {
        let address = self.url.trim_start_matches("http://");
        let address = address.trim_end_matches("/v1");
        let mut stream = TcpStream::connect(address)?;
        write!(
            stream,
            "GET /stats HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply)?;
        let (_, body) = reply.split_once("\r\n\r\n").ok_or("no statistics")?;
        Ok(serde_json::from_str(body)?)
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        // It may have ended already.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
