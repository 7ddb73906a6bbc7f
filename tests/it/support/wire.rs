//! Requests byte by byte, for what no client would send.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A connection to `url`.
pub(crate) async fn connect(url: &str) -> TcpStream {
    TcpStream::connect(url.trim_start_matches("http://")).await.unwrap()
}

/// Sends these bytes, and reads until the server closes.
pub(crate) async fn exchange(url: &str, request: &[u8]) -> String {
    let mut stream = connect(url).await;
    stream.write_all(request).await.unwrap();
    read_to_end(&mut stream).await
}

/// Reads until the server closes.
pub(crate) async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}
