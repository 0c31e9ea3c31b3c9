//! TLS between the gate and its servers: an authority of one's own is named by `SSL_CERT_FILE`, and a certificate that is
//! expired, of another host or of nobody known is no verdict.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

use crate::support::world::{QA_FILE, QA_NEW, Skill, World};

/// Certificates that no client may take, and a word of what is wrong with each.
const BAD: [(&str, &str); 3] = [
    ("expired", "expired"),
    ("other-name", "not valid for name"),
    ("self-signed", "UnknownIssuer"),
];

fn file(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("tests/data/tls").join(format!("{name}.pem"))
}

/// The file of the authority that signed all but one.
fn authority() -> String {
    file("authority").to_str().unwrap().to_owned()
}

/// The key of every certificate: made here, of nobody.
fn key() -> PrivatePkcs8KeyDer<'static> {
    let seed = ring::digest::digest(&ring::digest::SHA256, b"of nobody");
    let head = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    [&head, seed.as_ref()].concat().into()
}

/// An encrypted way to a server of this machine, with this certificate.
fn before(server: SocketAddr, certificate: &str) -> SocketAddr {
    let certificate = CertificateDer::from_pem_file(file(certificate)).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key().into())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let serve = async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut inner = tokio::net::TcpStream::connect(server).await?;
                let mut outer = acceptor.accept(stream).await?;
                tokio::io::copy_bidirectional(&mut outer, &mut inner).await
            });
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    std::thread::spawn(move || runtime.block_on(serve));
    address
}

/// The host and port of an address.
fn host(address: &str) -> SocketAddr {
    let (_, rest) = address.split_once("://").unwrap();
    rest.split('/').next().unwrap().parse().unwrap()
}

/// A gate whose models are behind TLS.
fn models_behind(certificate: &str) -> World {
    World::configured(|config| {
        let (_, rest) = config.split_once("base_url: ").unwrap();
        let (old, _) = rest.split_once('\n').unwrap();
        let secured = before(host(old), certificate);
        config.replace(old, &format!("https://{secured}/v1"))
    })
}

#[test]
fn an_authority_of_ones_own_serves_models_and_github() {
    let world = models_behind("good");
    let secured = before(host(&world.github.api_url()), "good");
    world.teach(QA_NEW, Skill::Misses(3));
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let job = world.opened(number).variable("SSL_CERT_FILE", &authority());
    let api = format!("https://{secured}");
    let run = job.variable("GITHUB_API_URL", &api).run().exits(1);
    assert_eq!(run.output("outcome"), "fail");
    assert!(world.comment(number).body.contains("### ❌ FAIL"));
    assert_eq!(world.model.asked().len(), 10);
}

#[test]
fn a_model_whose_certificate_cannot_be_taken_gives_no_verdict() {
    for (certificate, word) in BAD {
        let world = models_behind(certificate);
        let number = world.pull_request_for(QA_FILE, QA_NEW);
        let job = world.opened(number).variable("SSL_CERT_FILE", &authority());
        let run = job.run().exits(3);
        assert_eq!(run.output("outcome"), "error");
        let comment = world.comment(number).body;
        for told in [&comment, &run.summary] {
            let told = told.replace('\\', "");
            assert!(told.contains("COULD NOT MEASURE"), "{told}");
            assert!(told.contains("certificate"), "{told}");
            assert!(told.contains(word), "{told}");
            assert!(told.contains("SSL_CERT_FILE"), "{told}");
        }
        assert_eq!(world.asked(), []);
    }
}

#[test]
fn a_github_whose_certificate_cannot_be_taken_gives_no_verdict() {
    for (certificate, word) in BAD {
        let world = World::new();
        let secured = before(host(&world.github.api_url()), certificate);
        let number = world.pull_request_for(QA_FILE, QA_NEW);
        let job = world.opened(number).variable("SSL_CERT_FILE", &authority());
        let api = format!("https://{secured}");
        let run = job.variable("GITHUB_API_URL", &api).run().exits(3);
        assert_eq!(run.output("outcome"), "error");
        let told = run.summary.replace('\\', "");
        assert!(told.contains("GitHub cannot be reached"), "{told}");
        assert!(told.contains("certificate"), "{told}");
        assert!(told.contains(word), "{told}");
        assert!(told.contains("SSL_CERT_FILE"), "{told}");
        assert_eq!(world.github.requests().len(), 0);
        assert_eq!(world.asked(), []);
    }
}

#[test]
fn without_any_authority_it_is_told_what_to_set() {
    let world = models_behind("good");
    let number = world.pull_request_for(QA_FILE, QA_NEW);
    let job = world.opened(number);
    let run = job.variable("SSL_CERT_FILE", "/nowhere").run().exits(3);
    let told = run.summary.replace('\\', "");
    assert!(told.contains("set `SSL_CERT_FILE`"), "{told}");
    assert_eq!(world.asked(), []);

    let secured = before(host(&world.github.api_url()), "good");
    let job = world.opened(number).numbered(4712);
    let job = job.variable("SSL_CERT_FILE", "/nowhere");
    let api = format!("https://{secured}");
    let run = job.variable("GITHUB_API_URL", &api).run().exits(3);
    let told = run.summary.replace('\\', "");
    assert!(told.contains("set `SSL_CERT_FILE`"), "{told}");
}
