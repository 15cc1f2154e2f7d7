//! Triggers of the gateway, from creation to deletion.

use super::{TestGateway, gateway, id};
use fngraph::{ErrorCode, Trigger};

/// Who answers, by the name in the URN of the event's function.
async fn answerer(test: &TestGateway, target: &str) -> String {
    test.get(target).await.event()["requestContext"]["apiId"].as_str().unwrap().to_owned()
}

fn named(api_id: &'static str) -> impl Fn(&mut Trigger) {
    move |trigger| gateway(trigger).api_id = api_id.to_owned()
}

#[tokio::test]
async fn functions_share_a_prefix() {
    let test = TestGateway::new().await;
    for name in ["all", "orders", "order"] {
        test.event_function(name).await;
    }
    test.api_with("all", "ANY /shop*", named("all")).await;
    test.api_with("orders", "GET /shop/orders*", named("orders")).await;
    test.api_with("order", "GET /shop/orders/{id}", named("order")).await;
    for (target, expected) in [
        ("/shop", "all"),
        ("/shop/basket", "all"),
        ("/shop/orders", "orders"),
        ("/shop/orders/", "orders"),
        ("/shop/orders/7", "order"),
        ("/shop/orders/7/items", "orders"),
    ] {
        assert_eq!(answerer(&test, target).await, expected, "{target}");
    }
    test.get("/shopping").await.refused(404, "APIG.0101");
}

#[tokio::test]
async fn the_same_requests_have_one_answerer() {
    let test = TestGateway::new().await;
    test.event_function("one").await;
    test.event_function("two").await;
    test.api("one", "GET /a/{x}").await;
    let taken = test.try_api("two", "ANY /a/{y}", |_| ()).await.unwrap_err();
    assert_eq!((taken.code(), taken.code().status()), (ErrorCode::PathExists, 409));
    test.api("two", "POST /a/{y}").await;
    // Another host is another API.
    let elsewhere = |trigger: &mut Trigger| {
        gateway(trigger).host = "two.example.com".to_owned();
        gateway(trigger).api_id = "two".to_owned();
    };
    test.api_with("two", "GET /a/{z}", elsewhere).await;
    assert_eq!(answerer(&test, "/a/7").await, "api-1");
    let request = http::Request::get("/a/7").header("host", "TWO.example.com:80");
    assert_eq!(test.send(request, "").await.event()["requestContext"]["apiId"], "two");
}

#[tokio::test]
async fn a_trigger_follows_its_changes() {
    let test = TestGateway::new().await;
    test.event_function("f").await;
    test.api("f", "GET /old").await;
    assert_eq!(test.get("/old").await.status.as_u16(), 200);
    let moved = |trigger: &mut Trigger| {
        gateway(trigger).path = "/new".to_owned();
        Ok(())
    };
    test.triggers.update(&id("f"), "f GET /old", moved).await.unwrap();
    test.get("/old").await.refused(404, "APIG.0101");
    assert_eq!(test.get("/new").await.status.as_u16(), 200);
    test.runtime.delete("p1:default:f").await.unwrap();
    test.get("/new").await.refused(404, "APIG.0101");
    // The path is free again.
    test.event_function("g").await;
    test.api("g", "GET /new").await;
    assert_eq!(test.get("/new").await.status.as_u16(), 200);
}

#[tokio::test]
async fn the_url_that_is_told_leads_there() {
    let test = TestGateway::new().await;
    test.event_function("f").await;
    test.api_with("f", "GET /a/b*", named("told")).await;
    let function = test.runtime.function("p1:default:f").unwrap().unwrap();
    let base = test.triggers.gateway_url().unwrap();
    let url = test.triggers.routes().invoke_url(base, &function, &function.triggers[0]).unwrap();
    assert_eq!(url, format!("http://{}/a/b", test.address));
    assert_eq!(answerer(&test, url.strip_prefix(base).unwrap()).await, "told");
}
