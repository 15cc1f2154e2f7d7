//! How a trigger is set up.

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, Visitor},
};
use serde_json::{Map, Value};
use std::fmt;
use utoipa::ToSchema;

/// How a trigger is set up: the members of all types, of which each uses some. The manual's
/// `TriggerEventDataRequestBody` and `TriggerEventDataResponseBody` in one.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
pub struct TriggerEventData {
    /// Its name. `TIMER`: 1 to 64 letters, digits, `_` and `-`, with a letter at the start, by default the type and
    /// part of the id. Gateway: the API's name, 3 to 255 characters, by default `API_` and the function's. `CTS`: the
    /// notification's, up to 64 characters. `OBS`: up to 255 characters, by default the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `TIMER`: `Rate` or `Cron`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Rate")]
    pub schedule_type: Option<String>,
    /// `TIMER`: when it fires. `Rate`: `1m` to `60m`, `1h` to `24h`, `1d` to `30d`, counted from when it was enabled.
    /// `Cron`: `second minute hour day month [weekday]`, with `CRON_TZ=<zone> ` before it if you like, or `@every
    /// <duration>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "3m")]
    pub schedule: Option<String>,
    /// `TIMER`: a text that its events carry, up to 2048 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_event: Option<String>,
    /// Gateway, answers only: the trigger's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub triggerid: Option<String>,
    /// Gateway: 1 for a public API, 2 for a private one. Default: 1.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<i64>,
    /// Gateway: the path, from `/` on; `{name}` stands for a segment, `{proxy+}` at the end for the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "/shop/{id}")]
    pub path: Option<String>,
    /// Gateway: `HTTP` or `HTTPS`, which clients are told to use. Default: what the gateway speaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "HTTP")]
    pub protocol: Option<String>,
    /// Gateway: `GET`, `POST`, `PUT`, `DELETE`, `HEAD`, `PATCH`, `OPTIONS` or `ANY`. Default: `ANY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "ANY")]
    pub req_method: Option<String>,
    /// Gateway: the API's group. Default: one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// Gateway: the group's name. Default: one made up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_name: Option<String>,
    /// Gateway: `SWA` for all paths that begin with it, `NORMAL` for this one only. Default: `SWA`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "SWA")]
    pub match_mode: Option<String>,
    /// Gateway: the environment's name; events have it as their stage. Default: `RELEASE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "RELEASE")]
    pub env_name: Option<String>,
    /// Gateway: the environment's id. Default: `DEFAULT_ENVIRONMENT_RELEASE_ID`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env_id: Option<String>,
    /// Gateway, answers only: the API's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_id: Option<String>,
    /// Gateway, answers only: the API's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_name: Option<String>,
    /// Gateway: `NONE`, `IAM` or `APP`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "NONE")]
    pub auth: Option<String>,
    /// Gateway, answers only: where the API is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoke_url: Option<String>,
    /// Gateway: how the function is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub func_info: Option<ApigFuncInfo>,
    /// Gateway: the domain of the API, 1 to 255 characters. Default: one made from the group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sl_domain: Option<String>,
    /// Gateway: `FUNCTION`. Default: that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "FUNCTION")]
    pub backend_type: Option<String>,
    /// Gateway, ours: whether it answers preflight requests (CORS) itself. Default: no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cors: Option<bool>,
    /// `DDS`, `KAFKA`, `RABBITMQ`: the instance. Gateway: the dedicated gateway's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
    /// Gateway: the application of an integration platform. It changes nothing here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roma_app_id: Option<String>,
    /// `CTS`: the operations to hear of, 1 to 100: `service:resource:operation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operations: Option<Vec<String>>,
    /// `DDS`: the collection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collection_name: Option<String>,
    /// `DDS`: the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub db_name: Option<String>,
    /// `DDS`: its password. Answers do not tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub db_password: Option<String>,
    /// `DDS`: its user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub db_user: Option<String>,
    /// `DDS`: the addresses of the instance, as the SDK calls them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_addrs: Option<Vec<String>>,
    /// `DDS`: the same, as the manual calls them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_addresses: Option<Vec<String>>,
    /// `DDS`: `Sharding`, `ReplicaSet` or `Single`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// How many records an invocation takes at most. `DDS`, `DIS`: 1 to 10 000. `KAFKA`, `RABBITMQ`: 1 to 1000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_size: Option<i64>,
    /// `DMS`: the queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue_id: Option<String>,
    /// `DMS`: the consumer group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumer_group_id: Option<String>,
    /// `DIS`, `DMS`: how often to ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub polling_interval: Option<i64>,
    /// `DIS`: the stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream_name: Option<String>,
    /// `DIS`: where to begin: `TRIM_HORIZON` or `LATEST`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sharditerator_type: Option<String>,
    /// `DIS`: the unit of `polling_interval`: `s` or `ms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub polling_unit: Option<String>,
    /// `DIS`: how much to fetch at a time, 0 to 4 194 304 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_fetch_bytes: Option<i64>,
    /// `DIS`: whether to wait until what was fetched is handled: `true` or `false`, as a text or not.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "text_or_bool")]
    pub is_serial: Option<String>,
    /// `LTS`: the log group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_group_id: Option<String>,
    /// `LTS`: the log stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_topic_id: Option<String>,
    /// `OBS`, `EVENTGRID`: the bucket, which stays: 3 to 63 lower-case letters, digits, `-` and `.`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// `OBS`, `EVENTGRID`: what the objects' keys begin with, up to 1024 characters. Default: anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// `OBS`, `EVENTGRID`: what the objects' keys end with, up to 1024 characters. Default: anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suffix: Option<String>,
    /// `OBS`: what has to happen: `ObjectCreated` (`Put`, `Post`, `Copy` or `CompleteMultipartUpload`), `ObjectRemoved`
    /// (`Delete` or `DeleteMarkerCreated`); `s3:ObjectCreated:*` and `s3:ObjectCreated:Put` are the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
    /// `SMN`: the topic, `urn:smn:<region>:<project>:<topic>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic_urn: Option<String>,
    /// `KAFKA`: the topics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic_ids: Option<Vec<String>>,
    /// `KAFKA`: the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kafka_user: Option<String>,
    /// `KAFKA`: the password. Answers do not tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kafka_password: Option<String>,
    /// `KAFKA`: the addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kafka_connect_address: Option<String>,
    /// `KAFKA`: whether the instance wants user and password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kafka_ssl_enable: Option<bool>,
    /// `RABBITMQ`: the password. Answers do not tell it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_password: Option<String>,
    /// `RABBITMQ`: the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_user: Option<String>,
    /// `RABBITMQ`: the addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect_address: Option<String>,
    /// `RABBITMQ`: the exchange.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_name: Option<String>,
    /// `RABBITMQ`: the virtual host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vhost: Option<String>,
    /// `RABBITMQ`: whether to connect over TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssl_enable: Option<bool>,
    /// `EVENTGRID`: whether keys in events are percent-encoded. Default: no.
    #[serde(rename = "Key_encode", default, skip_serializing_if = "Option::is_none")]
    pub key_encode: Option<bool>,
    /// `EVENTGRID`: the agency. It changes nothing here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agency: Option<String>,
    /// `EVENTGRID`: the channel's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_name: Option<String>,
    /// `EVENTGRID`: the channel's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<String>,
    /// `EVENTGRID`: the source. `HC.OBS.DWR`, object storage, fires here; others cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "HC.OBS.DWR")]
    pub source_name: Option<String>,
    /// `EVENTGRID`, answers only: when it was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_time: Option<String>,
    /// `EVENTGRID`: `ACTIVE` or `DISABLE`; `trigger_status` overrules it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// `EVENTGRID`: its name, up to 255 characters. Default: its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger_name: Option<String>,
    /// `EVENTGRID`: what has to happen: `OBS:DWR:ObjectCreated:COPY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_types: Option<Vec<String>>,
    /// What the manual does not name. Triggers that cannot fire here keep it.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub more: Map<String, Value>,
}

/// How a gateway calls a function.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct ApigFuncInfo {
    /// The function: the one of the path. Default: that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function_urn: Option<String>,
    /// `sync`, or `async`: the gateway answers at once. Default: `sync`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "sync")]
    pub invocation_type: Option<String>,
    /// How long the gateway waits, 1 to 60 000 ms. Required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 60_000, example = 5000)]
    pub timeout: Option<i64>,
    /// The version, or an alias with `!` before it: the one of the path. Default: that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// Reads what is a text in the operation that creates and a truth value in the one that updates.
fn text_or_bool<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    struct TextOrBool;

    impl Visitor<'_> for TextOrBool {
        type Value = Option<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("true or false, as a text or not")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Some(text.to_owned()))
        }

        fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
            Ok(Some(value.to_string()))
        }

        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
    }

    deserializer.deserialize_any(TextOrBool)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_said_is_not_written() {
        let said = json!({"Key_encode": true, "type": 1, "suffix": null, "func_info": {"timeout": 5000}, "what": [7]});
        let data: TriggerEventData = serde_json::from_value(said).unwrap();
        assert_eq!((data.key_encode, data.kind, &data.suffix), (Some(true), Some(1), &None));
        let written = json!({"Key_encode": true, "type": 1, "func_info": {"timeout": 5000}, "what": [7]});
        assert_eq!(serde_json::to_value(data).unwrap(), written);
    }

    #[test]
    fn is_serial_is_a_text_or_a_truth_value() {
        for (said, read) in [(json!("true"), Some("true")), (json!(false), Some("false")), (json!(null), None)] {
            let data: TriggerEventData = serde_json::from_value(json!({"is_serial": said})).unwrap();
            assert_eq!(data.is_serial.as_deref(), read, "{said}");
        }
        serde_json::from_value::<TriggerEventData>(json!({"is_serial": 1})).unwrap_err();
    }
}
