//! Which top levels of domains exist, as far as mail to people goes: every country's, and the general ones in common
//! use. A domain under another is taken for a file name, a variable or an invention.

use super::words::Words;

/// Two-letter top levels, in order.
const COUNTRIES: &str = "ac ad ae af ag ai al am ao ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt \
    bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk \
    fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm \
    jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr \
    ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro \
    rs ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv \
    tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw";

/// General top levels.
const GENERAL: Words = Words::of(
    "academy aero agency app art asia associates bank bayern berlin bike bio biz blog \
    business cafe capital care cat center chat city clinic cloud club codes coffee com community company \
    computer consulting coop dental design dev digital directory earth edu education email energy \
    engineering eus events expert family finance foundation fund fyi gal gallery global gmbh gov group guru \
    hamburg health holdings house info institute int international jobs koeln law legal life live llc london \
    ltd management marketing media mil mobi museum name net network news nrw one online org page paris pro \
    services shop site software solutions space store studio swiss systems team tech wien work xyz",
);

/// True for a top level that mail to people goes to; takes it in small letters.
pub(super) fn exists(name: &str) -> bool {
    match name.len() {
        2 => country(name),
        _ => GENERAL.hold(name.as_bytes()),
    }
}

/// Looks up a pair of letters; each takes three characters of the list.
fn country(name: &str) -> bool {
    let list = COUNTRIES.as_bytes();
    let (mut low, mut high) = (0, list.len().div_ceil(3));
    while low < high {
        let middle = usize::midpoint(low, high);
        let listed = list.get(middle * 3..middle * 3 + 2).unwrap_or_default();
        match listed.cmp(name.as_bytes()) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_countries_is_in_order() {
        assert!(COUNTRIES.split(' ').is_sorted());
        assert!(COUNTRIES.split(' ').all(|name| name.len() == 2));
        assert!(COUNTRIES.split(' ').all(country));
    }

    #[test]
    fn endings_of_files_and_names_for_tests_do_not_exist() {
        for name in ["com", "de", "uk", "dev", "studio", "ac", "zw"] {
            assert!(exists(name), "{name}");
        }
        for name in [
            "",
            "x",
            "js",
            "png",
            "test",
            "invalid",
            "localhost",
            "local",
            "fixture",
            "zz",
            "aa",
        ] {
            assert!(!exists(name), "{name}");
        }
    }
}
