//! What a function is to be, and what it takes to make it so.

use super::entries::Entries;
use crate::{
    args::{NetworkArg, SettingsArgs},
    config,
    exit::Failure,
};
use anyhow::Context as _;
use fngraph_api::{
    config::UpdateFunctionConfigBody,
    metadata::{Attributes, FunctionMetadata, NetworkControlConfig, StrategyConfig},
};
use fngraph_types::Handler;

/// What a function is to be.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) entries: Entries,
    pub(super) settings: SettingsArgs,
    pub(super) user_data: UserData,
    /// The ids of the versions of dependencies; none where they are to stay.
    pub(super) dependencies: Option<Vec<String>>,
}

impl Wanted {
    /// What is asked for and is otherwise now.
    pub(super) fn difference(&self, now: &FunctionMetadata) -> UpdateFunctionConfigBody {
        let Self { entries, settings, user_data, dependencies } = self;
        let hook = |entry: &Option<Handler>| entry.as_ref().map(ToString::to_string).unwrap_or_default();
        let strategy = now.strategy_config.clone().unwrap_or_default();
        let max_instances = differs(settings.max_instances, strategy.concurrency);
        UpdateFunctionConfigBody {
            handler: differs(Some(entries.handler.to_string()), Some(now.handler.clone())),
            initializer_handler: differs_as_text(hook(&entries.initializer), now.initializer_handler.as_deref()),
            pre_stop_handler: differs_as_text(hook(&entries.pre_stop), now.pre_stop_handler.as_deref()),
            memory_size: differs(settings.memory.map(|memory| memory.as_mib().into()), Some(now.memory_size)),
            timeout: differs(settings.timeout, Some(now.timeout)),
            initializer_timeout: differs(settings.initializer_timeout, now.initializer_timeout),
            pre_stop_timeout: differs(settings.pre_stop_timeout, now.pre_stop_timeout),
            user_data: differs(user_data.open.clone(), now.user_data.clone()),
            encrypted_user_data: user_data.encrypted.clone(),
            description: differs(settings.description.clone(), Some(now.description.clone().unwrap_or_default())),
            depend_version_list: differs(
                dependencies.clone(),
                Some(now.depend_version_list.clone().unwrap_or_default()),
            ),
            enable_dynamic_memory: differs(settings.dynamic_memory, now.enable_dynamic_memory),
            strategy_config: max_instances
                .map(|count| StrategyConfig { concurrency: Some(count), concurrent_num: strategy.concurrent_num }),
            attributes: self.attributes(&now.attributes),
            ..UpdateFunctionConfigBody::default()
        }
    }

    /// What is to be said of the network, if it is not so already.
    pub(super) fn attributes(&self, now: &Attributes) -> Attributes {
        let controller = now.network_controller.clone().unwrap_or_default();
        let is_denied = controller.disable_public_network.unwrap_or(true);
        let network_controller = match self.settings.network {
            Some(network) if (network == NetworkArg::Deny) != is_denied => {
                Some(NetworkControlConfig { disable_public_network: Some(!is_denied), ..controller })
            }
            _ => None,
        };
        Attributes { network_controller, ..Attributes::default() }
    }
}

/// User data as the API has them: JSON objects in texts; none where they are to stay.
#[derive(Debug)]
pub(super) struct UserData {
    pub(super) open: Option<String>,
    pub(super) encrypted: Option<String>,
}

impl UserData {
    pub(super) fn read(settings: &SettingsArgs) -> Result<Self, Failure> {
        let text = |arguments: &[_]| -> Result<Option<String>, Failure> {
            if arguments.is_empty() {
                return Ok(None);
            }
            let data = config::user_data(arguments)?;
            Ok(Some(serde_json::to_string(&data).context("write the user data")?))
        };
        Ok(Self { open: text(&settings.user_data)?, encrypted: text(&settings.encrypted_user_data)? })
    }
}

/// What is asked for, unless it is so already.
fn differs<T: PartialEq>(wanted: Option<T>, now: Option<T>) -> Option<T> {
    wanted.filter(|wanted| now.as_ref() != Some(wanted))
}

/// The same of texts, where none is as good as empty.
fn differs_as_text(wanted: String, now: Option<&str>) -> Option<String> {
    (wanted != now.unwrap_or_default()).then_some(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Arguments, ClientCommand, Command};
    use clap::Parser as _;
    use serde_json::json;

    fn now() -> FunctionMetadata {
        FunctionMetadata {
            handler: "f.handler".to_owned(),
            initializer_handler: Some("f.start".to_owned()),
            memory_size: 256,
            timeout: 10,
            user_data: Some(r#"{"A":"1"}"#.to_owned()),
            strategy_config: Some(StrategyConfig { concurrency: Some(400), concurrent_num: Some(2) }),
            ..FunctionMetadata::default()
        }
    }

    /// The difference that these options make to a function that runs what it ran.
    fn difference(options: &str, now: &FunctionMetadata) -> serde_json::Value {
        let words = ["fngraph", "deploy"].into_iter().chain(options.split_whitespace());
        let Command::Client(ClientCommand::Deploy(arguments)) = Arguments::try_parse_from(words).unwrap().command
        else {
            panic!("{options}");
        };
        let user_data = UserData::read(&arguments.settings).unwrap();
        let handler = |text: &str| text.parse::<Handler>().unwrap();
        let entries = Entries {
            runtime: "Custom",
            handler: handler("f.handler"),
            initializer: Some(handler("f.start")),
            pre_stop: None,
        };
        let dependencies = arguments.settings.dependency.iter().map(|argument| format!("id of {argument:?}"));
        let dependencies = (dependencies.len() > 0).then(|| dependencies.collect());
        let wanted = Wanted { entries, settings: arguments.settings.clone(), user_data, dependencies };
        serde_json::to_value(wanted.difference(now)).unwrap()
    }

    #[track_caller]
    fn check(options: &str, expected: serde_json::Value) {
        assert_eq!(difference(options, &now()), expected, "{options}");
    }

    #[test]
    fn what_is_not_asked_for_or_is_so_already_stays() {
        check("", json!({}));
        check("--memory 256 --timeout 10s --max-instances 400 --network deny --user-data A=1", json!({}));
    }

    #[test]
    fn what_is_otherwise_is_changed() {
        check("--memory 512 --description tea", json!({"memory_size": 512, "description": "tea"}));
        check("--user-data B=2", json!({"user_data": r#"{"B":"2"}"#}));
        check("--max-instances 0", json!({"strategy_config": {"concurrency": 0, "concurrent_num": 2}}));
        check(
            "--dependency words",
            json!({"depend_version_list": [r#"id of Named { name: "words", version: None }"#]}),
        );
        check("--network allow", json!({"network_controller": {"disable_public_network": false}}));
    }

    #[test]
    fn secrets_are_not_told_and_so_always_sent() {
        check("--encrypted-user-data A=1", json!({"encrypted_user_data": r#"{"A":"1"}"#}));
    }

    #[test]
    fn what_the_code_says_is_taken_from_the_code() {
        let other = FunctionMetadata {
            handler: "f.old".to_owned(),
            initializer_handler: None,
            pre_stop_handler: Some("f.stop".to_owned()),
            ..now()
        };
        let expected = json!({"handler": "f.handler", "initializer_handler": "f.start", "pre_stop_handler": ""});
        assert_eq!(difference("", &other), expected);
    }
}
