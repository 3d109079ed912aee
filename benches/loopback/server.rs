//! A server of made-up bodies on loopback, for a process of its own.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

/// Prints the address and answers every GET with the body that `answer` makes of its path and query.
pub(crate) fn serve(answer: fn(&str) -> String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port of loopback");
    println!("http://{}/", listener.local_addr().expect("an address"));
    for stream in listener.incoming().flatten() {
        std::thread::spawn(move || talk(stream, answer));
    }
}

fn talk(mut stream: TcpStream, answer: fn(&str) -> String) {
    stream.set_nodelay(true).expect("a socket");
    let mut reader = BufReader::new(stream.try_clone().expect("the stream again"));
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut header = String::new();
        while reader.read_line(&mut header).unwrap_or(0) > 2 {
            header.clear();
        }
        let body = answer(line.split(' ').nth(1).unwrap_or_default());
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        if stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).is_err() {
            return;
        }
    }
}
