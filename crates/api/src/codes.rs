//! The error codes of the manual, 8.2, with their HTTP status and English text.
//!
//! ```
//! let code = fngraph_api::codes::find(1051).expect("the manual has it");
//! assert_eq!((code.status, code.text), (404, "The function does not exist."));
//! assert_eq!(code.to_string(), "FSS.1051");
//! ```

use std::fmt;

/// An error code of the manual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The number behind `FSS.`.
    pub number: u16,
    /// The HTTP status of answers with it.
    pub status: u16,
    /// The manual's text. `%d`, `xxx` and the like stand for what it is about.
    pub text: &'static str,
}

/// The code with this number; none when the manual has none.
pub fn find(number: u16) -> Option<&'static Code> {
    CODES.binary_search_by_key(&number, |code| code.number).ok().map(|index| &CODES[index])
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FSS.{:04}", self.number)
    }
}

const fn code(number: u16, status: u16, text: &'static str) -> Code {
    Code { number, status, text }
}

/// All of them, in ascending order.
pub const CODES: &[Code] = &[
    code(400, 400, "Invalid parameter."),
    code(401, 401, "Unauthorized access."),
    code(403, 403, "Forbidden."),
    code(404, 404, "The specified resource cannot be found."),
    code(406, 406, "Not acceptable."),
    code(408, 408, "Request timeout."),
    code(409, 409, "The specified resource already exists."),
    code(410, 410, "The specified resource does not exist."),
    code(413, 413, "The request body is too large."),
    code(424, 424, "Invalid dependency."),
    code(426, 426, "An upgrade is required."),
    code(428, 428, "The preconditions have not been met."),
    code(429, 429, "Too many requests."),
    code(500, 500, "Internal service error."),
    code(502, 502, "Bad gateway."),
    code(503, 503, "Service unavailable."),
    code(504, 504, "Gateway timeout."),
    code(1001, 400, "Invalid query parameter."),
    code(1002, 400, "Invalid function name."),
    code(1003, 400, "Invalid function handler."),
    code(1004, 400, "Invalid Package (function app)."),
    code(1005, 400, "Invalid runtime."),
    code(1006, 400, "Invalid function code entry mode."),
    code(1007, 400, "Invalid function memory."),
    code(1008, 400, "Invalid function timeout."),
    code(1009, 400, "Invalid function UserData."),
    code(1010, 400, "Invalid URL."),
    code(1011, 400, "Invalid function code."),
    code(1012, 400, "The function code must be configured."),
    code(1013, 400, "Invalid file type."),
    code(1014, 400, "Invalid function alias."),
    code(1015, 400, "Invalid function version."),
    code(1016, 400, "The function cannot be published because no changes have been made since last publication."),
    code(1017, 400, "The number of environment variables exceeds the maximum allowed limit (20)."),
    code(1018, 400, "The total size of environment variables exceeds the maximum allowed limit (2 KB)."),
    code(1019, 400, "The description exceeds the maximum allowed limit (512 characters)."),
    code(1020, 400, "Failed to validate XRole."),
    code(1021, 400, "invalid service link agency."),
    code(1022, 400, "Only one YAML file is allowed."),
    code(1023, 400, "The imported file is too large."),
    code(1024, 400, "Invalid dependency."),
    code(1025, 400, "Invalid YAML file."),
    code(1026, 400, "Invalid Concurrency."),
    code(1027, 400, "Invalid packageName (app name)."),
    code(1028, 400, "The app cannot be deleted because it contains functions."),
    code(1029, 400, "The default app cannot be deleted."),
    code(1031, 400, "The dependency already exists."),
    code(1032, 400, "Invalid dependency type."),
    code(1033, 412, "The dependency is currently in use."),
    code(1034, 400, "Invalid image URL."),
    code(1035, 400, "The image does not exist."),
    code(1036, 400, "The VPC does not exist."),
    code(1037, 400, "No subnet matches the specified ID."),
    code(1038, 400, "The file system configuration already exists in the function."),
    code(1039, 400, "The mounting path is invalid."),
    code(1040, 403, "The selected Xrole does not have permissions to mount the resources."),
    code(1041, 403, "The number of functions exceeds the maximum allowed limit (400)."),
    code(1042, 403, "The total code size of functions exceeds the maximum allowed limit (20 GB)."),
    code(1043, 403, "The number of aliases exceeds the maximum allowed limit."),
    code(1044, 403, "The number of apps exceeds the maximum allowed limit (400)."),
    code(1045, 403, "The number of dependencies exceeds the maximum allowed limit."),
    code(1046, 403, "The dependency is inaccessible."),
    code(1047, 403, "The number of bound VPCs exceeds the maximum limit allowed for a tenant."),
    code(1048, 403, "The number of bound VPCs exceeds the maximum limit allowed for a project."),
    code(1049, 403, "The number of file systems mounted to the function exceeds the maximum allowed limit (5)."),
    code(1050, 404, "The mounted resource cannot be found."),
    code(1051, 404, "The function does not exist."),
    code(1052, 404, "The version does not exist."),
    code(1053, 404, "The alias does not exist."),
    code(1054, 404, "The function code package does not exist in OBS."),
    code(1055, 404, "The app does not exist in obs."),
    code(1056, 404, "The dependency does not exist."),
    code(1057, 404, "The function name does not exist in the YAML file."),
    code(1058, 400, "The app name and function name cannot be the same in the YAML file."),
    code(1059, 404, "The function template does not exist."),
    code(1060, 404, "The event template cannot be found."),
    code(1061, 409, "The function already exists."),
    code(1062, 409, "The version already exists."),
    code(1063, 409, "The alias already exists."),
    code(1064, 409, "The app already exists."),
    code(1065, 409, "The dependency already exists."),
    code(1066, 409, "The version is already in use by another alias."),
    code(1067, 409, "The function template already exists."),
    code(1068, 403, "The number of events configured for the function exceeds the maximum allowed limit."),
    code(1069, 403, "The size of EventData exceeds 4 KB."),
    code(1070, 404, "The event cannot be found."),
    code(1071, 413, "The size of the code package to be uploaded exceeds the maximum allowed limit (50 MB)."),
    code(1072, 413, "The size of the inline code exceeds the maximum allowed limit (10 KB)."),
    code(1073, 403, "The function event already exists."),
    code(1074, 400, "The event field is invalid."),
    code(1075, 400, "The value of UserId or GroupId must be a non-zero integer from -1 to 65534."),
    code(1076, 400, "The number of reserved instances exceeds the maximum allowed limit."),
    code(
        1077,
        400,
        "The code and configuration of the function cannot be updated because the function has at least one reserved instance.",
    ),
    code(1081, 400, "Invalid function async invoke config."),
    code(1086, 404, "The function async invocation configuration does not exist."),
    code(1090, 412, "The subnet is not in the ACTIVE state."),
    code(1091, 400, "The additional version is invalid."),
    code(1092, 400, "The weight of the additional version is invalid."),
    code(1093, 400, "The major version and the additional version cannot be the same."),
    code(1094, 403, "The version cannot be deleted when it is used as the additional version of an alias."),
    code(1095, 412, "The mounted resource is not ready."),
    code(1096, 403, "The file sharing protocol of the mounted resource is not NFS."),
    code(1101, 400, "Invalid trigger type."),
    code(1102, 400, "Invalid SMN trigger parameters."),
    code(1103, 400, "Invalid DMS trigger parameters."),
    code(1104, 400, "Invalid DIS trigger parameters."),
    code(1106, 400, "Invalid OBS trigger parameters."),
    code(1107, 400, "Invalid APIG trigger parameters."),
    code(1108, 403, "The bucket configuration of the current trigger conflicts with that of an existing OBS trigger."),
    code(1109, 400, "Invalid timer trigger parameters."),
    code(1110, 400, "Invalid LTS trigger parameters."),
    code(1111, 404, "The Kafka resource cannot be found."),
    code(1112, 400, "The Kafka trigger parameters are invalid."),
    code(1113, 400, "The username and password must be specified because Kafka SASL_SSL is enabled."),
    code(1114, 400, "The subnet of the function must be the same as that of the Kafka instance."),
    code(1115, 503, "The network is unreachable."),
    code(1116, 400, "Kafka instance configuration error. Please check the username and password."),
    code(1117, 400, "Failed to query messages from the Kafka instance."),
    code(1118, 401, "Access denied."),
    code(1121, 403, "Forbidden"),
    code(1122, 403, "Forbidden"),
    code(1123, 403, "The number of pull triggers exceeds the maximum allowed limit (10)."),
    code(1124, 403, "The number of APIs exceeds the maximum allowed limit."),
    code(1125, 403, "Forbidden"),
    code(1126, 403, "You do not have permissions to call the API."),
    code(1127, 403, "The EPS user does not have permissions to call the API."),
    code(1128, 403, "list enterprise failed."),
    code(1130, 404, "The DIS stream does not exist."),
    code(1131, 404, "The trigger does not exist."),
    code(1132, 404, "The SMN trigger does not exist. View the SMN console."),
    code(1133, 404, "The DMS trigger does not exist."),
    code(1134, 404, "The DIS trigger does not exist."),
    code(1135, 404, "The DMS queue does not exist."),
    code(1136, 404, "The OBS trigger does not exist."),
    code(1137, 404, "Invalid trigger type."),
    code(1138, 404, "The APIG trigger does not exist."),
    code(1139, 404, "The DMS consumer group does not exist."),
    code(1140, 404, "The timer trigger does not exist."),
    code(1141, 409, "The SMN trigger already exists."),
    code(1142, 409, "The DMS trigger already exists."),
    code(1143, 409, "The DIS trigger already exists."),
    code(1145, 409, "The OBS trigger already exists."),
    code(1146, 409, "The APIG trigger already exists."),
    code(1147, 409, "The request path already exists."),
    code(1148, 409, "The timer trigger already exists."),
    code(1149, 409, "The LTS trigger already exists."),
    code(1150, 409, "The Kafka trigger already exists."),
    code(1151, 406, "The OBS bucket is in a different region."),
    code(1152, 426, "The selected bucket cannot be used to create a trigger."),
    code(1153, 412, "The triggering conditions have not been met."),
    code(1154, 403, "Aliases of a function bound with triggers cannot be deleted."),
    code(1160, 404, "The LTS trigger does not exist."),
    code(1161, 404, "The LTS topic does not exist."),
    code(1162, 500, "The operation cannot take effect immediately due to service exception."),
    code(1163, 404, "The DDS trigger cannot be found."),
    code(1164, 400, "Invalid DDS trigger parameters."),
    code(1166, 409, "The DDS trigger already exists."),
    code(1169, 503, "The network is unreachable."),
    code(1170, 503, "Authentication error."),
    code(1171, 404, "The SMN topic does not exist. Create it on the SMN console."),
    code(1172, 400, "The database instance does not exist."),
    code(1173, 400, "DDS DB instance configuration error. Please contact DDS R&D personnel."),
    code(1174, 404, "The Kafka trigger does not exist."),
    code(1201, 413, "The request body is too large."),
    code(1202, 500, "The response body or callback body is invalid because they do not contain any status code."),
    code(1204, 400, "Failed to get response from functionAccesssor."),
    code(1206, 500, "Failed to convert result for apig."),
    code(1221, 400, "lts log has been enabled."),
    code(1301, 400, "The CTS trigger does not exist."),
    code(1302, 500, "Failed to save the data."),
    code(1303, 400, "Access denied due to insufficient permissions."),
    code(1304, 400, "The CTS service failed to process the request."),
    code(1305, 400, "Invalid CTS trigger parameters."),
    code(1306, 400, "The number of triggers exceeds the maximum allowed limit."),
    code(1307, 400, "The trigger name already exists."),
    code(1308, 400, "The operation resource does not exist."),
    code(1309, 400, "Invalid function URN."),
    code(1310, 400, "Unauthorized user."),
    code(1311, 400, "Unauthorized access."),
    code(1312, 400, "The notification name must be specified."),
    code(1313, 400, "The number of resources to be operated has reached the maximum allowed limit (100)."),
    code(1314, 400, "The operation resource must be specified."),
    code(1315, 500, "The CTS service is unavailable."),
    code(1316, 400, "The resource operation has already been selected."),
    code(1317, 400, "The trigger name is too long."),
    code(1318, 400, "Invalid trigger operation."),
    code(1319, 502, "Invalid trigger name."),
    code(1401, 503, "Failed to obtain the image information."),
    code(1402, 503, "Failed to pull the image to create a container."),
    code(1403, 503, "Failed to pull the image to delete a container."),
    code(1404, 400, "Invalid function initializer."),
    code(1405, 400, "Invalid initialization timeout."),
    code(1406, 400, "Invalid heartbeat handler."),
    code(1407, 400, "Invalid restore hook handler."),
    code(1426, 400, "This release[{{version}}] has reserved instances configured."),
    code(
        1429,
        429,
        "Function concurrent invocation requests exceeds max value, please increase the max instances num or max concurrency per instance.",
    ),
    code(
        1440,
        412,
        "Specified dependency version is used by X functions, please delete the function or the relation at first.",
    ),
    code(1441, 400, "The dependency has versions, can not update or delete."),
    code(1601, 400, "Invalid swr image param."),
    code(4001, 500, "function entry is not found."),
    code(4002, 500, "The user function failed to run."),
    code(4003, 500, "state content is too large."),
    code(4004, 500, "the return value of the function exceeds the maximum allowed limit."),
    code(4005, 500, "state is undefined."),
    code(4006, 500, "function name has no service ID."),
    code(4007, 500, "function result is invalid."),
    code(4008, 500, "response body size %d exceeds the limit of %d."),
    code(4009, 500, "function initialization exception."),
    code(4010, 500, "invoke timed out after %s."),
    code(4011, 500, "Initialization function execution times out."),
    code(4012, 500, "load function timed out after %s."),
    code(4013, 500, "failed to check auth of the request."),
    code(4014, 500, "reading the storeObject timeout.Use larger memory"),
    code(4020, 500, "runtime dir xxx is forbidden."),
    code(4021, 500, "trigger request of this tenant is limited at this frontend instance"),
    code(4024, 500, "function metadata is not found."),
    code(4025, 500, "can not create a state using a stateless function"),
    code(4026, 500, "instanceName is not exist"),
    code(4027, 500, "cannot be created repeatedly instanceID"),
    code(4140, 500, "the size of request body is beyond maximum body size."),
    code(4201, 500, "function initialization failed"),
    code(4202, 500, "runtime bootstrap not found"),
    code(4203, 500, "runtime process is exited"),
    code(4204, 500, "The user bootstrap script syntax is incorrect."),
    code(4205, 500, "runtime memory limit exceeded"),
    code(4206, 500, "failed to mount volumes for function"),
    code(4207, 500, "disk usage exceed limit"),
    code(4208, 500, "function invocation canceled"),
    code(4218, 500, "the function fails to be started for multiple times"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use fngraph_types::ErrorCode;

    #[test]
    fn the_table_is_complete_and_in_order() {
        assert_eq!(CODES.len(), 229);
        assert!(CODES.is_sorted_by(|a, b| a.number < b.number));
        assert!(CODES.iter().all(|code| (400..600).contains(&code.status) && !code.text.is_empty()));
    }

    #[test]
    fn every_code_that_we_use_is_the_manuals() {
        for &code in ErrorCode::ALL {
            let row = find(code.number()).unwrap_or_else(|| panic!("{code} is not in the manual"));
            assert_eq!((row.status, row.to_string()), (code.status(), code.to_string()));
        }
        assert_eq!(find(9999), None);
    }
}
