//! Templates of functions (manual, 7.10): the examples that the program carries.

use crate::{call::Call, failure::Failure, page::Page, query};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use fngraph::ErrorCode;
use fngraph_api::{
    Json,
    templates::{
        FunctionTemplate, ListFunctionTemplate, ShowFunctionTemplate, TemplateDetail, TemplateList, TriggerMetadata,
    },
};
use fngraph_templates::{Template, templates};

/// The most templates of a page, and how many it has when nobody says.
const PAGE: usize = 500;

/// The type of public templates; the manual shows no other.
const PUBLIC: i64 = 1;

/// Lists the templates. All of them are public.
pub(crate) async fn list(call: Call<ListFunctionTemplate>) -> Result<Json<TemplateList>, Failure> {
    let asked = &call.query;
    let page = Page::read(asked.marker.as_deref(), asked.maxitems.as_deref(), PAGE, PAGE)?;
    let is_public = query::read::<bool>("ispublic", asked.ispublic.as_deref(), "`true` or `false`")?;
    let fits = |given: &Option<String>, own: &str| query::given(given.as_deref()).is_none_or(|given| given == own);
    let wanted = |template: &&Template| {
        is_public != Some(false)
            && fits(&asked.runtime, template.runtime)
            && fits(&asked.scene, template.scene)
            && fits(&asked.service, template.service)
    };
    let all: Vec<_> = templates().iter().filter(wanted).collect();
    Ok(Json(TemplateList {
        func_templates: page.of(&all).map(|template| told(template)).collect(),
        next_marker: page.next(all.len()),
    }))
}

/// Answers one template.
pub(crate) async fn show(call: Call<ShowFunctionTemplate>) -> Result<Json<FunctionTemplate>, Failure> {
    let template = templates().iter().find(|template| template.id == call.path.template_id);
    let missing = || Failure::new(ErrorCode::TemplateNotFound, "there is no such template; list them to see which are");
    template.map(told).map(Json).ok_or_else(missing)
}

fn told(template: &Template) -> FunctionTemplate {
    let triggers = template.triggers.iter().map(|trigger| TriggerMetadata {
        trigger_name: trigger.name.to_owned(),
        trigger_type: trigger.kind.to_owned(),
        event_type: trigger.event_type.to_owned(),
        event_data: trigger.event_data.to_owned(),
    });
    FunctionTemplate {
        id: template.id.to_owned(),
        kind: PUBLIC,
        title: template.title.to_owned(),
        template_name: template.name.to_owned(),
        description: template.description.to_owned(),
        runtime: template.runtime.to_owned(),
        handler: template.handler.to_owned(),
        initializer_handler: template.initializer.to_owned(),
        pre_stop_handler: template.pre_stop.to_owned(),
        code_type: "zip".to_owned(),
        code: BASE64_STANDARD.encode(template.package),
        timeout: template.timeout.into(),
        memory_size: template.memory.into(),
        trigger_metadata_list: triggers.collect(),
        temp_detail: TemplateDetail {
            input: template.event.to_owned(),
            output: template.output.to_owned(),
            warning: template.warning.to_owned(),
        },
        user_data: template.user_data.to_owned(),
        encrypted_user_data: String::new(),
        dependencies: Vec::new(),
        scene: template.scene.to_owned(),
        service: template.service.to_owned(),
    }
}
