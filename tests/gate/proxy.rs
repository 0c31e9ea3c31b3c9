//! Behind a proxy: the same variables count for the models and for GitHub, and what is not encrypted stays on the machine.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

use crate::support::world::{KEY, QA_FILE, QA_NEW, World};

/// A host of no network: its name is longer than one may be, so that nobody is asked for it.
fn nowhere() -> String {
    format!("{}.example", "a".repeat(64))
}

/// A gate whose models are at this host, and are reached through a proxy alone.
fn world_at(host: &str) -> World {
    World::configured(|config| {
        let (_, rest) = config.split_once("base_url: ").unwrap();
        let (old, _) = rest.split_once('\n').unwrap();
        config.replace(old, &format!("http://{host}/v1"))
    })
}

/// A proxy that leads nowhere: its address, and the head of each request that it is sent.
fn closed_proxy() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (tell, heads) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 4096];
            let length = stream.read(&mut head).unwrap();
            let answer =
                b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            stream.write_all(answer).unwrap();
            let head = String::from_utf8_lossy(&head[..length]).into_owned();
            if tell.send(head).is_err() {
                return;
            }
        }
    });
    (address, heads)
}

#[test]
fn models_are_asked_through_the_proxy_and_a_github_on_this_machine_is_not() {
    let host = nowhere();
    let world = world_at(&host);
    // The model server stands in for the proxy; it complains of every request that is for no model.
    let proxy = world.model.base_url().replace("/v1", "");
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let job = world.opened(number).variable("http_proxy", &proxy);
    job.run().exits(0);
    let asked = world.model.asked();
    assert_eq!(asked.len(), 10);
    let key = format!("Bearer {KEY}");
    assert!(
        asked
            .iter()
            .all(|one| one.authorization.as_ref() == Some(&key))
    );
    assert!(world.comment(number).body.contains("### ✅ PASS"));

    let job = world.pushed_again(number).numbered(4712);
    let job = job.variable("http_proxy", &proxy);
    job.variable("no_proxy", &host).run().exits(3);
    assert_eq!(world.model.asked().len(), 10, "nobody else is asked");
}

#[test]
fn github_is_reached_through_the_proxy_and_the_proxy_sees_no_token() {
    let world = World::new();
    let (proxy, heads) = closed_proxy();
    let host = nowhere();
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let api = format!("https://{host}/api/v3");
    let behind = |variable: &str, run: u64| {
        let job = world.opened(number).numbered(run);
        let job = job.variable("GITHUB_API_URL", &api);
        job.variable(variable, &proxy)
    };
    for (run, variable) in [(4711, "HTTPS_PROXY"), (4712, "all_proxy")] {
        let run = behind(variable, run).run().exits(3);
        assert!(
            run.summary.contains("GitHub cannot be reached"),
            "{}",
            run.summary
        );
        let heads: Vec<String> = heads.try_iter().collect();
        assert!(!heads.is_empty(), "{variable}");
        let wanted = format!("CONNECT {host}:443 HTTP/1.1\r\n");
        for head in heads {
            assert!(head.starts_with(&wanted), "{head}");
            assert!(!head.contains(&world.github.token()), "{head}");
        }
    }
    let job = behind("https_proxy", 4713);
    job.variable("NO_PROXY", &host).run().exits(3);
    assert_eq!(heads.try_iter().count(), 0);
    assert_eq!(world.asked(), []);
}
