//! Who answers for which agent: the gateway that the code speaks to, or the service whose model an ID is one of.

use std::collections::BTreeMap;

use super::agents::Found;
use super::endpoint::Endpoint;
use super::service::{SERVICES, Service, service_of};

/// A model server of the configuration.
#[derive(Debug, Clone)]
pub(super) struct Provider {
    pub(super) name: String,
    pub(super) base_url: String,
    pub(super) key: Option<String>,
    pub(super) headers: BTreeMap<String, Option<String>>,
    /// What speaks for it.
    pub(super) because: String,
    /// Whether nothing speaks for it.
    pub(super) invented: bool,
}

/// Servers in their order, and which of them each agent asks.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    pub(super) providers: Vec<Provider>,
    /// One an agent, in the order of agents.
    pub(super) of_agents: Vec<String>,
    /// Servers that the texts name and that nobody asks.
    pub(super) left: Vec<Endpoint>,
}

/// A known service whose variable a text names, and where; or that is set where this runs.
pub(super) type Seen<'a> = (&'static Service, &'a str);

pub(super) fn choose(agents: &[Found], endpoints: &[Endpoint], seen: &[Seen<'_>]) -> Chosen {
    // The address of a known service says what its name says.
    let is_known = |one: &&Endpoint| SERVICES.iter().any(|known| known.base_url == one.base_url);
    let mut own: Vec<&Endpoint> = endpoints.iter().filter(|one| !is_known(one)).collect();
    own.sort_by_key(|one| (!is_gateway(one), one.path.clone(), one.line));
    let mut first_of: Vec<&Endpoint> = Vec::new();
    for one in own {
        if first_of.iter().all(|other| other.base_url != one.base_url) {
            first_of.push(one);
        }
    }
    let mut chosen = Chosen::default();
    let (gateway, rest) = match first_of.split_first() {
        Some((first, rest)) if is_gateway(first) => (Some(*first), rest),
        _ => (None, first_of.as_slice()),
    };
    for agent in agents {
        // Nobody is asked for an agent without a model.
        if agent.model().is_none() {
            chosen.of_agents.push(String::new());
            continue;
        }
        let provider = match gateway {
            Some(gateway) => of_endpoint(gateway),
            None => match service_for(agent, seen) {
                Some((service, because)) => of_service(service, because, endpoints),
                None => rest.first().map_or_else(nobody, |first| of_endpoint(first)),
            },
        };
        chosen.of_agents.push(provider.name.clone());
        if chosen
            .providers
            .iter()
            .all(|other| other.name != provider.name)
        {
            chosen.providers.push(provider);
        }
    }
    let asked = |one: &&&Endpoint| {
        chosen
            .providers
            .iter()
            .any(|other| other.base_url == one.base_url)
    };
    let left = rest
        .iter()
        .filter(|one| !asked(one))
        .map(|one| (*one).clone());
    chosen.left = left.collect();
    chosen
}

/// A server that asks for a key or for headers is one that the team works with; a bare address may be an experiment.
fn is_gateway(endpoint: &Endpoint) -> bool {
    !is_near(host(&endpoint.base_url)) && (endpoint.key.is_some() || !endpoint.headers.is_empty())
}

/// Whether a host is this machine, or one of a network of one's own (RFC 1918).
fn is_near(host: &str) -> bool {
    let starts = ["localhost", "127.", "10.", "192.168.", "0.0.0.0", "[::1]"];
    let second = host
        .strip_prefix("172.")
        .and_then(|rest| rest.split('.').next()?.parse().ok());
    starts.iter().any(|start| host.starts_with(start))
        || second.is_some_and(|part: u8| (16..32).contains(&part))
}

fn host(base_url: &str) -> &str {
    let rest = base_url
        .split_once("://")
        .map_or(base_url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// By the kind of its model; else the service whose key is at hand.
fn service_for(agent: &Found, seen: &[Seen<'_>]) -> Option<(&'static Service, String)> {
    let model = agent.models.first();
    let by_kind = model.and_then(|model| service_of(&model.sighting.id));
    let place = |service: &Service| {
        let mut places = seen.iter();
        places
            .find(|(other, _)| *other == service)
            .map(|(_, place)| *place)
    };
    match by_kind {
        Some(service) => Some((
            service,
            match place(service) {
                Some(place) => place.to_owned(),
                None => "the model ID is one of its kind".to_owned(),
            },
        )),
        None => seen
            .first()
            .map(|(service, place)| (*service, (*place).to_owned())),
    }
}

fn of_service(service: &Service, because: String, endpoints: &[Endpoint]) -> Provider {
    // The team may keep its key under another name.
    let mut own = endpoints
        .iter()
        .filter(|one| one.base_url == service.base_url);
    let key = own.find_map(|one| one.key.clone());
    Provider {
        name: service.name.to_owned(),
        base_url: service.base_url.to_owned(),
        key: Some(key.unwrap_or_else(|| service.key.to_owned())),
        headers: BTreeMap::new(),
        because,
        invented: false,
    }
}

fn of_endpoint(endpoint: &Endpoint) -> Provider {
    let name = if is_gateway(endpoint) {
        "gateway"
    } else {
        "own_server"
    };
    Provider {
        name: name.to_owned(),
        base_url: endpoint.base_url.clone(),
        key: endpoint.key.clone(),
        headers: endpoint.headers.clone(),
        because: format!("{}:{}", endpoint.path, endpoint.line),
        invented: false,
    }
}

fn nobody() -> Provider {
    Provider {
        name: "own_server".to_owned(),
        base_url: "http://localhost:8000/v1".to_owned(),
        key: None,
        headers: BTreeMap::new(),
        because: "nothing here says who answers".to_owned(),
        invented: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::starter::agents::agents;
    use crate::starter::endpoint::endpoints;
    use crate::starter::sighting::sightings;

    fn chosen(id: &str, code: &str) -> Chosen {
        let found = sightings("models/qa.txt", id.as_bytes());
        let (agents, _) = agents(found, vec![], &[]);
        choose(&agents, &endpoints("src/client.py", code.as_bytes()), &[])
    }

    #[test]
    fn the_gateway_of_the_code_answers_whatever_the_model_is_made_from() {
        let code = "base_url=\"https://llm.acme.internal/v1\"\nkey = os.environ[\"ACME_KEY\"]\n";
        let found = chosen("ft:gpt-4o:acme:qa:1", code);
        assert_eq!(found.of_agents, ["gateway"]);
        assert_eq!(found.providers[0].key.as_deref(), Some("ACME_KEY"));
    }

    #[test]
    fn a_service_with_a_key_of_another_name_answers_for_its_own_models_only() {
        let code =
            "base_url=\"https://api.openai.com/v1\"\nkey = os.environ[\"ACME_OPENAI_KEY\"]\n";
        let found = chosen("ft:gpt-4o:acme:qa:1", code);
        assert_eq!(found.of_agents, ["openai"]);
        assert_eq!(found.providers[0].key.as_deref(), Some("ACME_OPENAI_KEY"));
        assert_eq!(
            chosen("ft:open-mistral-7b:acme:qa:1", code).of_agents,
            ["mistral"]
        );
    }

    #[test]
    fn a_bare_address_does_not_answer_for_a_model_of_a_service() {
        let code = "base_url=\"http://localhost:8000/v1\"\n";
        let found = chosen("ft:gpt-4o:acme:qa:1", code);
        assert_eq!(
            (found.of_agents.as_slice(), found.left.len()),
            (&["openai".to_owned()][..], 1)
        );
        assert_eq!(chosen("acme/qa-7b", code).of_agents, ["own_server"]);
        assert!(chosen("acme/qa-7b", "").providers[0].invented);
    }
}
