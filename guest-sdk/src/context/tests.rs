//! The context of a unit test.

use std::cell::Cell;

use super::*;

#[test]
fn context_has_the_documented_defaults() {
    let context = Context::builder().build();
    assert_eq!(context.request_id(), "00000000-0000-0000-0000-000000000000");
    assert_eq!(context.instance_id(), context.request_id());
    assert_eq!(context.attempt(), 0);
    assert_eq!(context.timeout(), Duration::from_secs(3));
    assert_eq!(context.remaining_time(), Duration::from_secs(3));
    assert_eq!((context.function_name(), context.package(), context.version()), ("function", "default", "latest"));
    assert_eq!((context.handler(), context.project_id()), ("function.handler", "project"));
    assert_eq!((context.memory(), context.cpu()), (128, 300));
    assert_eq!((context.alias(), context.agency(), context.workflow()), (None, None, None));
    assert_eq!((context.traceparent(), context.tracestate()), (None, None));
    assert!(context.user_data_keys().is_empty());
}

#[test]
fn context_says_what_the_builder_was_told() {
    let workflow = Workflow { workflow_id: "w".to_owned(), run_id: "r".to_owned(), state_id: "s".to_owned() };
    let context = Context::builder()
        .request_id("id")
        .instance_id("instance")
        .attempt(2)
        .timeout(Duration::from_secs(60))
        .remaining_time(Duration::from_millis(5))
        .function_name("orders")
        .package("shop")
        .version("v1")
        .alias("live")
        .handler("orders.handle")
        .project_id("p")
        .memory(512)
        .cpu(600)
        .user_data("b", "2")
        .user_data("a", "1")
        .workflow(workflow.clone())
        .traceparent("00-1-2-01")
        .tracestate("vendor=1")
        .build();
    assert_eq!((context.request_id(), context.instance_id()), ("id".to_owned(), "instance".to_owned()));
    assert_eq!(context.attempt(), 2);
    assert_eq!(context.timeout(), Duration::from_secs(60));
    assert_eq!(context.remaining_time(), Duration::from_millis(5));
    assert_eq!((context.function_name(), context.package(), context.version()), ("orders", "shop", "v1"));
    assert_eq!(context.alias().as_deref(), Some("live"));
    assert_eq!((context.handler(), context.project_id()), ("orders.handle", "p"));
    assert_eq!((context.memory(), context.cpu()), (512, 600));
    assert_eq!(context.user_data_keys(), ["a", "b"]);
    assert_eq!(context.user_data("b").as_deref(), Some("2"));
    assert_eq!(context.user_data("c"), None);
    assert_eq!(context.workflow(), Some(workflow));
    assert_eq!(context.traceparent().as_deref(), Some("00-1-2-01"));
    assert_eq!(context.tracestate().as_deref(), Some("vendor=1"));
}

#[test]
fn credentials_do_not_print_their_secrets() {
    let credentials = Credentials {
        access_key: "AK".to_owned(),
        secret_key: "hidden".to_owned(),
        security_token: "hidden".to_owned(),
        token: "hidden".to_owned(),
    };
    let context = Context::builder().agency(credentials.clone()).build();
    assert_eq!(format!("{credentials:?}"), "Credentials { access_key: \"AK\", .. }");
    assert!(!format!("{context:?}").contains("hidden"));
    assert_eq!(context.agency(), Some(credentials));
}

#[test]
fn lines_below_the_level_are_dropped() {
    let context = Context::builder().build();
    let log = context.logger();
    log.debug("dropped");
    log.info("kept");
    log.set_level(Level::Error);
    log.warn("dropped");
    log.error(format_args!("kept {}", 2));
    let line = |level, message: &str| LogLine { level, message: message.to_owned() };
    assert_eq!(context.logged(), [line(Level::Info, "kept"), line(Level::Error, "kept 2")]);
    assert!(!log.enabled(Level::Warn));
}

#[test]
fn dropped_lines_are_not_formatted() {
    struct Counted<'a>(&'a Cell<u32>);

    impl fmt::Display for Counted<'_> {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.set(self.0.get() + 1);
            Ok(())
        }
    }

    let formatted = Cell::new(0);
    let context = Context::builder().build();
    context.logger().debug(Counted(&formatted));
    assert_eq!(formatted.get(), 0);
    context.logger().info(Counted(&formatted));
    assert_eq!(formatted.get(), 1);
}
