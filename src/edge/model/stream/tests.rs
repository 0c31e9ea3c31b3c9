//! Streams as servers send them, and what is left of them when they are cut.

use super::super::wire;
use super::*;

const STREAM: &str = ": keep-alive\n\nevent: message\ndata: {\"model\":\"m\",\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":\"\"}],\"usage\":null}\n\ndata: {\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":\"Vienna lies\"}}]}\r\n\r\ndata:{\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":[{\"type\":\"thinking\"},{\"type\":\"text\",\"text\":\" on\"}]}}]}\n\ndata: {\"model\":\"m\",\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: {\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\ndata: [DONE]\n\n";

#[test]
fn a_stream_that_nobody_asked_for_is_joined() {
    let read = wire::answer(STREAM.as_bytes()).unwrap();
    assert_eq!(read.text, "Vienna lies on");
    assert_eq!(read.finish_reason.as_deref(), Some("stop"));
    assert_eq!(read.served_model.as_deref(), Some("m"));
    assert_eq!(read.usage.unwrap().completion_tokens, 4);
}

#[test]
fn a_stream_that_is_cut_before_its_end_is_no_answer() {
    let end = STREAM.find("\"stop\"").unwrap();
    for length in 0..end {
        let cut = STREAM.get(..length).unwrap();
        assert!(wire::answer(cut.as_bytes()).is_err(), "{cut}");
    }
}

#[test]
fn an_error_in_a_stream_is_an_error() {
    let (start, _) = STREAM
        .split_once("data: {\"model\":\"m\",\"choices\":[{\"delta\":{},")
        .unwrap();
    let failed = format!(
        "{start}data: {{\"error\":{{\"message\":\"overloaded\",\"code\":429}}}}\n\ndata: [DONE]\n"
    );
    let no_answer = wire::answer(failed.as_bytes()).unwrap_err();
    assert_eq!(
        no_answer.why,
        "the server answers with an error: overloaded"
    );
    let aborted = STREAM.replace("\"stop\"", "\"abort\"");
    assert!(wire::answer(aborted.as_bytes()).is_err());
}

#[test]
fn an_answer_that_speaks_of_data_is_no_stream() {
    assert!(joined(b"{\"choices\":[]}").is_none());
    assert!(joined(b"\"data: x\"").is_none());
}

#[test]
fn calls_of_tools_are_joined_by_their_number() {
    let piece = |index: u8, name: &str, arguments: &str| {
        let call = json!({"index": index, "function": {"name": name, "arguments": arguments}});
        format!(
            "data: {}\n\n",
            json!({"choices": [{"delta": {"tool_calls": [call]}}]})
        )
    };
    let pieces = [
        piece(0, "find", ""),
        piece(1, "send", "{}"),
        piece(0, "", "{\"a\":"),
        piece(0, "", "1}"),
    ];
    let body = format!(
        "{}data: {}\n\ndata: [DONE]\n",
        pieces.concat(),
        json!({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]})
    );
    let calls = wire::answer(body.as_bytes()).unwrap().tool_calls;
    let calls: Vec<_> = calls
        .iter()
        .map(|call| (call.name.as_str(), call.arguments.as_str()))
        .collect();
    assert_eq!(calls, [("find", "{\"a\":1}"), ("send", "{}")]);
}

#[test]
fn calls_of_tools_without_a_number_are_told_apart_by_their_id() {
    let piece = |id: &str, name: &str, arguments: &str| {
        let call = json!({"id": id, "function": {"name": name, "arguments": arguments}});
        format!(
            "data: {}\n\n",
            json!({"choices": [{"delta": {"tool_calls": [call]}}]})
        )
    };
    let body = [
        piece("a", "find", "{}"),
        piece("b", "send", "{\"to\":"),
        piece("b", "", "1}"),
        "data: [DONE]\n".to_owned(),
    ];
    let calls = wire::answer(body.concat().as_bytes()).unwrap().tool_calls;
    let calls: Vec<_> = calls
        .iter()
        .map(|call| (call.name.as_str(), call.arguments.as_str()))
        .collect();
    assert_eq!(calls, [("find", "{}"), ("send", "{\"to\":1}")]);
}
