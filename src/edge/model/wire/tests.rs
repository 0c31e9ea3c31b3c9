//! What is read, body by body.

use serde_json::json;

use super::super::complaint::shortened;
use super::*;

fn said(body: &Value) -> Result<Answer, String> {
    answer(body.to_string().as_bytes()).map_err(|no_answer| no_answer.why)
}

fn one(message: &Value, finish_reason: &Value) -> Value {
    json!({"choices": [{"message": message, "finish_reason": finish_reason}]})
}

fn complaint(body: &str) -> String {
    Complaint::read(body.as_bytes()).message
}

#[test]
fn a_reply_is_read_whatever_is_missing_beside_the_text() {
    let read = said(&json!({"choices": [{"message": {"content": " Hi \n"}}]})).unwrap();
    assert_eq!(
        read,
        Answer {
            text: " Hi \n".to_owned(),
            finish_reason: None,
            tool_calls: Vec::new(),
            served_model: None,
            system_fingerprint: None,
            usage: None,
        }
    );
}

#[test]
fn a_count_of_tokens_may_be_partial_or_null() {
    let usage = |usage: Value| {
        said(&json!({"choices": [{"message": {"content": "x"}}], "usage": usage}))
            .unwrap()
            .usage
    };
    assert_eq!(usage(Value::Null), None);
    assert_eq!(usage(json!({})), None);
    assert_eq!(
        usage(json!({"prompt_tokens": 3, "completion_tokens": null})),
        Some(Usage {
            prompt_tokens: 3,
            completion_tokens: 0
        })
    );
}

#[test]
fn a_refusal_in_its_own_field_is_what_the_model_said() {
    let message = json!({"content": null, "refusal": "I cannot help."});
    let read = said(&json!({"choices": [{"message": message, "finish_reason": "stop"}]}));
    assert_eq!(read.unwrap().text, "I cannot help.");
}

#[test]
fn no_text_needs_a_reason_to_be_an_answer() {
    for message in [json!({"content": null}), json!({"content": ""}), json!({})] {
        let with = json!({"choices": [{"message": message, "finish_reason": "stop"}]});
        assert_eq!(said(&with).unwrap().text, "");
        let without = json!({"choices": [{"message": message}]});
        assert!(said(&without).is_err(), "{message}");
    }
}

#[test]
fn an_error_in_the_clothes_of_a_success_is_no_answer() {
    for body in [
        json!({"error": {"message": "overloaded"}}),
        json!({"error": "overloaded", "choices": [{"message": {"content": "x"}}]}),
        json!({"object": "error", "message": "overloaded"}),
        json!({"choices": [{"error": {"message": "overloaded"}, "finish_reason": "error"}]}),
    ] {
        let why = said(&body).unwrap_err();
        assert_eq!(
            why, "the server answers with an error: overloaded",
            "{body}"
        );
    }
    assert!(said(&json!({"error": null, "choices": [{"message": {"content": "x"}}]})).is_ok());
}

#[test]
fn a_cut_body_is_no_answer() {
    let whole = json!({"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]});
    let whole = whole.to_string();
    for length in 0..whole.len() {
        assert!(answer(&whole.as_bytes()[..length]).is_err(), "{length}");
    }
    assert!(answer(whole.as_bytes()).is_ok());
}

#[test]
fn every_kind_of_error_body_becomes_one_sentence() {
    for (body, expected) in [
        (
            r#"{"error":{"message":"too long","type":"t","code":null}}"#,
            "too long",
        ),
        (
            r#"{"object":"error","message":"Invalid","type":"t","code":"1500"}"#,
            "Invalid",
        ),
        (
            r#"{"detail":[{"loc":["body","messages",0],"msg":"field required"},{"loc":["x"],"msg":"bad"}]}"#,
            "body.messages.0: field required; x: bad",
        ),
        (
            r#"{"object":"error","message":{"detail":[{"loc":["body"],"msg":"bad"}]}}"#,
            "body: bad",
        ),
        (r#"{"error":"model 'x' not found"}"#, "model 'x' not found"),
        (r#"[{"error":{"message":"quota"}}]"#, "quota"),
        (r#"{"detail":"Not Found"}"#, "Not Found"),
        (r#"{"unheard":1}"#, r#"{"unheard":1}"#),
        ("no healthy\n\tupstream\u{7}\r\n", "no healthy upstream"),
        (
            "<html><title>502 Bad\nGateway</title></html>",
            "a web page titled \"502 Bad Gateway\"",
        ),
        ("<p>oops</p>", "a web page"),
        ("", ""),
    ] {
        assert_eq!(complaint(body), expected);
    }
}

#[test]
fn a_missing_model_is_recognised_by_code_or_by_name() {
    let about = |body: &str| Complaint::read(body.as_bytes()).is_about_the_model("ft:x");
    assert!(about(
        r#"{"error":{"message":"no","code":"model_not_found"}}"#
    ));
    assert!(about(r#"{"message":"no","type":"invalid_model"}"#));
    assert!(about(r#"{"message":"no","code":1500}"#));
    assert!(about(r#"{"message":"Invalid model: ft:y"}"#));
    assert!(about(
        r#"{"error":"model 'ft:x' not found, try pulling it first"}"#
    ));
    assert!(about(
        r#"{"error":{"message":"The model `ft:x` does not exist"}}"#
    ));
    assert!(!about(
        r#"{"message":"file not found in the prompt of the model"}"#
    ));
    assert!(!about(
        r#"{"message":"model ft:x takes at most 4096 tokens","code":1501}"#
    ));
}

#[test]
fn a_message_is_cut_to_three_hundred_characters_and_not_inside_one() {
    let long = "ü".repeat(301);
    let cut = shortened(&long);
    assert_eq!(cut.chars().count(), 300);
    assert!(cut.ends_with("ü…"));
    let fitting = "ü".repeat(300);
    assert_eq!(shortened(&fitting), fitting);
}

#[test]
fn an_empty_finish_reason_is_none() {
    let read = said(&one(&json!({"content": "x"}), &json!(""))).unwrap();
    assert_eq!(read.finish_reason, None);
    assert!(said(&one(&json!({"content": null}), &json!(""))).is_err());
}

#[test]
fn an_empty_list_of_tools_is_no_call() {
    let message = |calls| json!({"content": null, "tool_calls": calls});
    assert!(said(&one(&message(json!([])), &Value::Null)).is_err());
    assert!(said(&one(&message(json!([{"type": "function"}])), &Value::Null)).is_ok());
}

#[test]
fn the_tools_that_a_model_calls_are_read_however_the_server_writes_them() {
    let read = |message: Value| {
        said(&one(&message, &json!("tool_calls")))
            .unwrap()
            .tool_calls
    };
    let call = |arguments: &str| ToolCall {
        name: "find".to_owned(),
        arguments: arguments.to_owned(),
    };
    let listed = |arguments| json!({"content": "Let me look.", "tool_calls": [{"id": "1", "type": "function", "function": {"name": "find", "arguments": arguments}}]});
    assert_eq!(read(listed(json!("{\"a\":1}"))), [call("{\"a\":1}")]);
    assert_eq!(read(listed(json!({"a": 1}))), [call("{\"a\":1}")]);
    assert_eq!(read(listed(Value::Null)), [call("")]);
    let old = json!({"content": null, "function_call": {"name": "find", "arguments": "{"}});
    assert_eq!(read(old), [call("{")]);
    assert_eq!(read(json!({"content": "x", "tool_calls": null})), []);
    assert_eq!(read(json!({"content": "x", "tool_calls": []})), []);
}

#[test]
fn an_answer_that_the_server_gave_up_on_is_none() {
    for reason in ["error", "abort", "ABORT"] {
        let why = said(&one(&json!({"content": "Vienna lies"}), &json!(reason))).unwrap_err();
        assert_eq!(
            why,
            format!("the server gave up on the answer (finish reason {reason})")
        );
    }
}

#[test]
fn a_refusal_beside_an_empty_text_is_what_the_model_said() {
    let message = json!({"content": "", "refusal": "I cannot help."});
    let read = said(&one(&message, &json!("stop"))).unwrap();
    assert_eq!(read.text, "I cannot help.");
}

#[test]
fn content_of_a_kind_that_nobody_knows_is_not_read_as_silence() {
    for content in [json!({"text": "x"}), json!(7), json!(true)] {
        let why = said(&one(&json!({"content": content}), &json!("stop"))).unwrap_err();
        assert_eq!(
            why,
            "the `content` of the answer is neither text nor a list"
        );
    }
    let parts = json!([
        "a",
        {"type": "reasoning", "summary": [{"text": "hm"}], "text": "hm"},
        {"type": "text", "text": "b"},
        {"text": "c"},
    ]);
    let read = said(&one(&json!({"content": parts}), &json!("stop"))).unwrap();
    assert_eq!(read.text, "abc");
}

#[test]
fn a_text_in_the_place_of_older_servers_is_read() {
    let read = said(&json!({"choices": [{"text": "Vienna", "finish_reason": "stop"}]}));
    assert_eq!(read.unwrap().text, "Vienna");
    let piece = json!({"choices": [{"delta": {"content": "Vien"}, "finish_reason": "stop"}]});
    assert_eq!(
        said(&piece).unwrap_err(),
        "the answer is one piece of a stream"
    );
}

#[test]
fn marks_blanks_and_broken_characters_around_an_answer_do_not_hide_it() {
    let whole = one(&json!({"content": "Vienna"}), &json!("stop")).to_string();
    for body in [format!("\u{feff}{whole}"), format!("\n\n  {whole}\n\n")] {
        assert_eq!(answer(body.as_bytes()).unwrap().text, "Vienna", "{body:?}");
    }
    let mut cut = b"{\"choices\":[{\"message\":{\"content\":\"caf\xc3\"},".to_vec();
    cut.extend_from_slice(b"\"finish_reason\":\"length\"}]}");
    assert_eq!(answer(&cut).unwrap().text, "caf\u{fffd}");
}

#[test]
fn two_bodies_in_one_are_no_answer() {
    let whole = one(&json!({"content": "Vienna"}), &json!("stop")).to_string();
    for body in [
        format!("{whole}{whole}"),
        format!("{whole}\nnull"),
        format!("{whole}}}"),
    ] {
        assert!(answer(body.as_bytes()).is_err(), "{body:?}");
    }
}

#[test]
fn tokens_are_counted_however_they_are_written_and_nonsense_is_not() {
    for (written, counted) in [
        (json!(11), Some(11)),
        (json!("11"), Some(11)),
        (json!(11.0), Some(11)),
        (json!(-1), None),
        (json!("many"), None),
        (json!(u64::MAX), None),
        (json!(1e300), None),
        (json!([11]), None),
    ] {
        assert_eq!(tokens(&written), counted, "{written}");
    }
}

#[test]
fn what_stands_in_place_of_an_answer_is_named() {
    for (body, expected) in [
        (
            r#"{"detail":"Not Found"}"#,
            "the answer holds no `choices`: Not Found",
        ),
        (r#"{"choices":null}"#, "the answer holds no `choices`"),
        (
            " <html><title>Sign in</title>",
            "the answer is a web page titled \"Sign in\"",
        ),
        (
            "",
            "the answer is cut off or no JSON (EOF while parsing a value at line 1 column 0)",
        ),
        ("[]", "the answer holds no `choices`"),
        ("null", "the answer holds no `choices`"),
    ] {
        assert_eq!(answer(body.as_bytes()).unwrap_err().why, expected, "{body}");
    }
}

#[test]
fn a_limit_inside_a_success_is_a_limit_and_its_tokens_count() {
    let no_answer = |body: Value| answer(body.to_string().as_bytes()).unwrap_err();
    let usage = json!({"prompt_tokens": 3, "completion_tokens": 4});
    let limit = no_answer(json!({
        "choices": null, "usage": usage, "error": {"message": "Provider returned error", "code": 429}
    }));
    assert_eq!(limit.fault, Fault::Throttled);
    assert_eq!(limit.usage.map(|usage| usage.completion_tokens), Some(4));
    let broken = no_answer(json!({"error": {"message": "oops", "code": 502}}));
    assert_eq!((broken.fault, broken.usage), (Fault::Broken, None));
}

#[test]
fn a_filter_in_front_of_the_model_answers_without_a_word() {
    let azure = json!({"error": {
        "message": "The response was filtered", "type": null, "param": "prompt",
        "code": "content_filter", "status": 400,
        "innererror": {"code": "ResponsibleAIPolicyViolation"},
    }});
    let gateway = json!({"error": {
        "message": "filtered", "code": "400",
        "provider_specific_fields": {"innererror": {"code": "ResponsibleAIPolicyViolation"}},
    }});
    let exception = json!({"error": {"message": "litellm.ContentPolicyViolationError: no"}});
    let moderated = json!({"error": {
        "code": 403, "message": "input flagged", "metadata": {"flagged_input": "x"},
    }});
    for (status, body) in [
        (400, azure),
        (400, gateway),
        (400, exception),
        (403, moderated),
    ] {
        let bytes = body.to_string();
        let read = filtered(status, bytes.as_bytes()).unwrap_or_else(|| panic!("{body}"));
        assert_eq!(read.text, "");
        assert_eq!(read.finish_reason.as_deref(), Some("content_filter"));
        assert_eq!(filtered(500, bytes.as_bytes()), None, "{body}");
    }
    let key = json!({"error": {"message": "Incorrect API key", "code": "invalid_api_key"}});
    assert_eq!(filtered(403, key.to_string().as_bytes()), None);
    let long = json!({"error": {"message": "too long", "code": "context_length_exceeded"}});
    assert_eq!(filtered(400, long.to_string().as_bytes()), None);
}

#[test]
fn what_an_answer_cost_is_known_although_it_cannot_be_read() {
    let usage = json!({"prompt_tokens": 3, "completion_tokens": 4});
    let expected = Usage {
        prompt_tokens: 3,
        completion_tokens: 4,
    };
    for choices in [
        json!([]),
        json!([{"message": {"content": "x"}, "finish_reason": "abort"}]),
    ] {
        let body = json!({"choices": choices, "usage": usage}).to_string();
        let no_answer = answer(body.as_bytes()).unwrap_err();
        assert_eq!(no_answer.usage, Some(expected), "{body}");
    }
    assert_eq!(answer(b"{\"usage\"").unwrap_err().usage, None);
}

#[test]
fn an_answer_is_read_the_same_with_and_without_a_tree_of_values() {
    for content in [
        json!("a\u{e9}\n\"b\""),
        json!(""),
        json!([{"type": "text", "text": "a"}]),
    ] {
        for finish_reason in [
            json!("stop"),
            json!("abort"),
            json!(""),
            json!(null),
            json!(7),
        ] {
            for tokens in [json!(2), json!("2"), json!(2.0), json!(2_000_000_000_u64)] {
                let body = json!({
                    "id": "x", "object": "chat.completion", "model": "m", "system_fingerprint": null,
                    "choices": [
                        {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": finish_reason},
                        {"index": 1, "message": {"role": "assistant", "content": "other"}, "finish_reason": "stop"},
                    ],
                    "usage": {"prompt_tokens": 1, "completion_tokens": tokens},
                });
                let bytes = body.to_string();
                assert_eq!(answer(bytes.as_bytes()), odd(bytes.as_bytes()), "{bytes}");
            }
        }
    }
}

#[test]
fn a_key_that_comes_twice_counts_as_it_came_last() {
    let body = br#"{"choices":[{"message":{"content":"a","content":"b"},"finish_reason":"stop"}]}"#;
    assert_eq!(answer(body).unwrap().text, "b");
}

#[path = "../../../../tests/fuzz/edits.rs"]
mod edits;

const BODIES: &[&str] = &[
    "{\"id\":\"c\",\"object\":\"chat.completion\",\"model\":\"m-1\",\"system_fingerprint\":\"fp\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hello.\",\"refusal\":null},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":3,\"total_tokens\":12}}",
    "{\"choices\":[{\"message\":{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"Hm\"}]},{\"type\":\"text\",\"text\":\"Yes\"}],\"tool_calls\":[{\"id\":\"t\",\"type\":\"function\",\"function\":{\"name\":\"find\",\"arguments\":\"{\\\"id\\\": 1}\"}}]},\"finish_reason\":\"tool_calls\"}],\"usage\":{\"prompt_tokens\":null,\"completion_tokens\":3.0}}",
    "data: {\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":\"He\",\"tool_calls\":[{\"index\":0,\"id\":\"t\",\"function\":{\"name\":\"f\",\"arguments\":\"{\"}}]}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"y\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}\n\ndata: [DONE]\n",
    "{\"error\":{\"message\":\"Rate limit reached\",\"type\":\"requests\",\"param\":null,\"code\":\"rate_limit_exceeded\"}}",
    "{\"object\":\"error\",\"message\":\"overloaded\",\"detail\":[{\"loc\":[\"body\"],\"msg\":\"field required\"}]}",
];

#[test]
fn whatever_a_server_sends_is_an_answer_or_a_reason() {
    bolero::check!()
        .with_type::<edits::Edits>()
        .for_each(|edits| {
            let body = edits::edited(BODIES, edits);
            // The short way for plain answers reads them as the long one does.
            assert_eq!(answer(&body), odd(&body));
            match answer(&body) {
                Ok(answer) => {
                    let failed = answer.finish_reason.as_deref();
                    assert!(failed.is_none_or(|reason| !FAILED.contains(&reason)));
                    if let Some(usage) = answer.usage {
                        assert!(usage.prompt_tokens <= MOST_TOKENS);
                        assert!(usage.completion_tokens <= MOST_TOKENS);
                    }
                }
                Err(none) => {
                    assert!(!none.why.is_empty());
                    assert!(!none.why.chars().any(char::is_control), "{:?}", none.why);
                }
            }
            let told = Complaint::read(&body).message;
            assert!(!told.chars().any(char::is_control), "{told:?}");
        });
}

#[test]
fn an_answer_that_ends_within_a_character_is_an_answer() {
    for body in [
        r#"{"choices": [{"message": {"content": "Cut \ud83d"}, "finish_reason": "length"}]}"#,
        "data: {\"choices\":[{\"delta\":{\"content\":\"Cut \\ud83d\"},\"finish_reason\":\"length\"}]}\n\ndata: [DONE]\n",
    ] {
        let answer = answer(body.as_bytes()).unwrap();
        assert_eq!(answer.text, "Cut \u{fffd}");
        assert_eq!(answer.finish_reason.as_deref(), Some("length"));
    }
}
