//! What every HTTP client here has in common: one TLS stack, no redirects that it follows by itself, the variables that
//! name a proxy.

use reqwest::ClientBuilder;
use reqwest::redirect::Policy;

/// A client to build on. One that encrypts nothing verifies nothing, so a machine without root certificates will do.
pub(super) fn client(encrypted: bool) -> ClientBuilder {
    // Fails only where a provider is installed already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder()
        .redirect(Policy::none())
        .http1_only();
    if encrypted {
        builder
    } else {
        builder.tls_certs_only([])
    }
}

/// What may help, beside the words of a failure; nothing where they are not about a certificate.
pub(super) fn remedy(words: &str) -> &'static str {
    if words.contains("certificate") {
        "; if an authority of your own signed it, add it to the system's certificates, or name by `SSL_CERT_FILE` one file that \
         holds the public ones and yours"
    } else {
        ""
    }
}
