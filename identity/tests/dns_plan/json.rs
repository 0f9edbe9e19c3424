//! Plans and diffs as JSON.

use letterhead_identity::Profile;
use serde_json::{Value, json};

use super::{BY_LOCATION, MAIL_FROM, custom, diff, plan};

fn keys(value: &Value) -> Vec<&str> {
    let object = value.as_object().expect("an object");
    object.keys().map(String::as_str).collect()
}

#[test]
fn a_plan_and_a_diff_have_the_same_keys() {
    let zuora = Profile::built_in("zuora-advanced").expect("built in");
    let plan = plan(&zuora, &["production"], None, &[]).expect("a plan");
    let wanted = serde_json::to_value(&plan).expect("JSON");
    let found = serde_json::to_value(diff(&plan, "")).expect("JSON");
    for value in [&wanted, &found] {
        assert_eq!(
            keys(value),
            [
                "complete",
                "domain",
                "environments",
                "notices",
                "profile",
                "records",
                "spf"
            ]
        );
        assert_eq!(
            keys(&value["records"][0]),
            [
                "found",
                "missing_values",
                "name",
                "necessity",
                "note",
                "problem",
                "publish",
                "purpose",
                "source",
                "status",
                "switch",
                "type",
                "value"
            ]
        );
        assert_eq!(
            keys(&value["spf"]),
            [
                "current",
                "merged",
                "necessity",
                "notices",
                "problem",
                "status",
                "terms"
            ]
        );
        assert_eq!(value["complete"], false);
        assert_eq!(value["environments"], json!(["production", "api-sandbox"]));
    }
    assert_eq!(wanted["records"][0]["status"], Value::Null);
    assert_eq!(found["records"][0]["status"], "awaiting");
    assert_eq!(
        found["records"][0]["missing_values"],
        json!(["dkim-token-1 of production"])
    );
    assert_eq!(
        found["records"][0]["value"],
        "{dkim-token-1 of production}.dkim.amazonses.com"
    );
    assert_eq!(
        (&found["spf"]["status"], &found["spf"]["merged"]),
        (
            &json!("missing"),
            &json!("v=spf1 include:amazonses.com ~all")
        )
    );
    assert_eq!(found["spf"]["terms"][0]["source"]["name"], "deliverability");
}

/// OC-39, OC-72: names, types and values as any provider's form takes them.
#[test]
fn each_row_says_what_to_publish_and_where_it_was_read() {
    let rules = custom(&format!(
        "{MAIL_FROM}{BY_LOCATION}[[obsolete]]\nterm = \"include:old.example\"\nsource = \"page\"\n"
    ));
    let name: (&str, &[&str]) = ("mail-from-domain", &["b.yourcompany.example"]);
    let plan = plan(&rules, &[], Some("dxb"), &[name]).expect("a plan");
    let zone = "b.yourcompany.example. IN MX 10 other.example.\nb.yourcompany.example. IN TXT \"v=spf1 ip4:192.0.2.1 -all\"\nyourcompany.example. IN TXT \"v=spf1 include:old.example -all\"\n";
    let found = serde_json::to_value(diff(&plan, zone)).expect("JSON");
    let page = json!({ "name": "page", "url": "https://x.example/page", "as_of": "2026-01-31" });
    assert_eq!(
        found["records"][0],
        json!({
            "purpose": "mail-from", "necessity": "required", "switch": null,
            "name": "b.yourcompany.example", "type": "MX",
            "value": "10 feedback.me-south-1.bounces.example", "status": "wrong",
            "found": ["10 other.example"], "publish": "10 feedback.me-south-1.bounces.example",
            "problem": null, "note": null, "source": page, "missing_values": [],
        })
    );
    assert_eq!(
        found["records"][1]["publish"],
        "v=spf1 ip4:192.0.2.1 include:spf.bounces.example -all"
    );
    assert_eq!(
        (
            &found["records"][2]["status"],
            &found["records"][2]["found"],
            &found["records"][2]["source"]
        ),
        (
            &json!("superfluous"),
            &json!(["include:old.example"]),
            &page
        )
    );
    assert_eq!(
        found["spf"]["merged"],
        "v=spf1 include:old.example include:bounces.example include:eu.bounces.example -all"
    );
    assert_eq!(
        found["spf"]["current"],
        json!(["v=spf1 include:old.example -all"])
    );
    assert_eq!(found["notices"].as_array().map(Vec::len), Some(1));
}
