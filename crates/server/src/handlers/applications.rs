//! The application centre (manual, 7.16).

use crate::{
    applications::{self as centre, Part, PartKind, Record, Status, Step, Stored},
    call::Call,
    failure::Failure,
    handlers::triggers,
    page::Page,
    query,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use fngraph::{ErrorCode, Qualifier};
use fngraph_api::{
    Empty, Json, Operation,
    applications::{
        Application, ApplicationCreated, ApplicationList, ApplicationSummary, ApplicationTemplate,
        ApplicationTemplateList, ApplicationTemplateResource, ApplicationTemplateSummary, CreateFunctionApp,
        DeleteFunctionApp, ListAppTemplates, ListFunctionApplications, Repository, ShowAppTemplate, ShowFunctionApp,
        StackResource,
    },
};
use fngraph_templates::{self as templates, Resource};
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// How many items a page has when nobody says, and the most.
const PAGE: usize = 100;
const LARGEST_PAGE: usize = 500;

/// The most applications of a project. Those that could not be made count too, until they are deleted.
const MOST: usize = 200;

/// The most characters of an application's name, and of a function's.
const NAME: usize = 64;
const FUNCTION_NAME: usize = 60;

/// The most characters of a description, and bytes of all parameters.
const DESCRIPTION: usize = 512;
const PARAMS: usize = 16 * 1024;

/// What filters say that want everything.
const ALL: &str = "all";

/// Answers what an application can be made from.
pub(crate) async fn template(call: Call<ShowAppTemplate>) -> Result<Json<ApplicationTemplate>, Failure> {
    let template = find(&call.path.id)?;
    let deploy_count = centre::deployments(&call.app, &call.project, &template.id).await?;
    let parameters = template.parameters.iter().map(|parameter| {
        let templates::Parameter { name, description, default, .. } = parameter;
        json!({ "name": name, "description": description, "default": default })
    });
    Ok(Json(ApplicationTemplate {
        name: template.name.clone(),
        description: template.description.clone(),
        runtime: template.runtime.clone(),
        category: template.category.clone(),
        params: Value::from_iter(parameters).to_string(),
        image: BASE64_STANDARD.encode(template.image),
        deploy_count,
        version: template.updated.number().into(),
        template_guide: template.guide.clone(),
        create_time: template.created.millis(),
        update_time: template.updated.millis(),
        resources: used(&call.project, template),
    }))
}

/// Lists what applications can be made from.
pub(crate) async fn templates(call: Call<ListAppTemplates>) -> Result<Json<ApplicationTemplateList>, Failure> {
    let asked = &call.query;
    let page = Page::read(asked.marker.as_deref(), asked.maxitems.as_deref(), PAGE, LARGEST_PAGE)?;
    let fits = |given: &Option<String>, own: &str| {
        query::given(given.as_deref()).is_none_or(|given| given == ALL || given == own)
    };
    let wanted = |template: &&templates::Application| {
        fits(&asked.runtime, &template.runtime) && fits(&asked.category, &template.category)
    };
    let all: Vec<_> = templates::applications().iter().filter(wanted).collect();
    let summaries = page.of(&all).map(|template| ApplicationTemplateSummary {
        id: template.id.clone(),
        name: template.name.clone(),
        runtime: template.runtime.clone(),
        category: template.category.clone(),
        description: template.description.clone(),
        image: BASE64_STANDARD.encode(template.image),
    });
    let templates = summaries.collect();
    Ok(Json(ApplicationTemplateList { templates, next_marker: page.next(all.len()), count: all.len() as u64 }))
}

/// Lists the applications, the oldest first.
pub(crate) async fn list(call: Call<ListFunctionApplications>) -> Result<Json<ApplicationList>, Failure> {
    let page = Page::read(call.query.marker.as_deref(), call.query.limit.as_deref(), PAGE, LARGEST_PAGE)?;
    let all = centre::list(&call.app, &call.project).await?;
    let (count, next_marker) = (all.len() as u64, page.next(all.len()));
    let applications = page.of(all).map(|record| ApplicationSummary {
        status: record.status.as_str().to_owned(),
        last_modified_time: record.modified_at.as_millis(),
        id: record.id,
        name: record.name,
        description: record.description,
    });
    Ok(Json(ApplicationList { applications: applications.collect(), next_marker, count }))
}

/// Creates an application. What can be refused at once is; its parts are made after the answer.
pub(crate) async fn create(call: Call<CreateFunctionApp>) -> Result<Json<ApplicationCreated>, Failure> {
    let Call { app, project, body: Json(body), .. } = call;
    let template = find(&body.template_id)?;
    let now = app.now();
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let record = Record {
        id: Uuid::new_v4().to_string(),
        project: project.to_string(),
        name: body.name,
        description: body.description.unwrap_or_default(),
        template: template.id.clone(),
        params: body.params.unwrap_or_default(),
        enterprise_project: filled(body.enterprise_project_id),
        agency: filled(body.agency_name),
        status: Status::Creating,
        message: String::new(),
        created_at: now,
        modified_at: now,
        parts: Vec::new(),
    };
    check(&record)?;
    let resources = centre::resources(&app, template, &record)?;
    check_names(&record.name, &resources)?;
    let application_id = record.id.clone();
    let own = app.clone();
    let begin = async move {
        let _beginning = own.applications.begin().await;
        let others = centre::list(&own, &record.project).await?;
        if others.iter().any(|other| other.name == record.name) {
            let text = format!("there is an application `{}`; choose another name, or delete it first", record.name);
            return Err(Failure::new(ErrorCode::Conflict, text));
        }
        if others.len() >= MOST {
            let text = format!("the project has {MOST} applications, the most it may have; delete one first");
            return Err(Failure::new(ErrorCode::Forbidden, text));
        }
        Ok(centre::create(&own, record, &resources).await?)
    };
    centre::finish(&app, begin).await?;
    Ok(Json(ApplicationCreated { application_id }))
}

/// Answers an application.
pub(crate) async fn show(call: Call<ShowFunctionApp>) -> Result<Json<Application>, Failure> {
    let Stored { record, .. } = stored(&call, &call.path.id).await?;
    let resources: Vec<_> = record.parts.iter().map(|part| told(&call, &record, part)).collect();
    let is_well = |part: &Part| part.step == Step::Created;
    let shown = record.parts.iter().position(|part| !is_well(part)).unwrap_or_default();
    Ok(Json(Application {
        last_modified_time: record.modified_at.as_millis(),
        stack_resources: resources.get(shown).cloned().unwrap_or_default(),
        resources,
        status: record.status.as_str().to_owned(),
        stack_name: record.name.clone(),
        stack_id: record.id.clone(),
        repo_name: String::new(),
        repo: Repository::default(),
        pipeline_id: String::new(),
        apig_url: gateway_url(&call, &record).unwrap_or_default(),
        project_id: record.project,
        name: record.name,
        status_message: record.message,
        description: record.description,
        template_id: record.template,
        params: record.params,
    }))
}

/// Deletes an application with all its parts, and answers when they are gone.
pub(crate) async fn delete(call: Call<DeleteFunctionApp>) -> Result<Empty, Failure> {
    let (app, project, id) = (call.app.clone(), Arc::clone(&call.project), call.path.id.clone());
    let own = app.clone();
    let delete = async move {
        // Deleting takes no longer than some writes, and whoever creates one of the same name waits for them.
        let _beginning = own.applications.begin().await;
        let stored = Stored::read(&own, &project, &id).await?.ok_or_else(missing)?;
        match stored.record.status {
            Status::Creating | Status::RollingBack => {
                let text = "the application is still being created; delete it when its status is another one";
                Err(Failure::new(ErrorCode::Conflict, text))
            }
            Status::Deleting | Status::Created | Status::Failed | Status::DeleteFailed => {
                centre::remove(&own, stored).await
            }
        }
    };
    centre::finish(&app, delete).await?;
    Ok(Empty {})
}

fn find(id: &str) -> Result<&'static templates::Application, Failure> {
    let found = templates::applications().iter().find(|template| template.id == id);
    found.ok_or_else(|| {
        let text = "there is no such template of an application; list them to see which are";
        Failure::new(ErrorCode::NotFound, text)
    })
}

async fn stored<O: Operation>(call: &Call<O>, id: &str) -> Result<Stored, Failure> {
    Stored::read(&call.app, &call.project, id).await?.ok_or_else(missing)
}

fn missing() -> Failure {
    Failure::new(ErrorCode::NotFound, "there is no such application")
}

fn check(record: &Record) -> Result<(), Failure> {
    let refused = |text: String| Err(Failure::new(ErrorCode::InvalidParameter, text));
    let name = &record.name;
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if !begins || name.len() > NAME || !name.chars().all(word) || !name.ends_with(|c: char| c.is_ascii_alphanumeric()) {
        let rule = "1 to 64 letters, digits, `_` and `-`, beginning with a letter and ending with a letter or digit";
        return refused(format!("the `name` of an application has {rule}"));
    }
    if record.description.chars().count() > DESCRIPTION {
        return refused(format!("the `description` has more than {DESCRIPTION} characters"));
    }
    let bytes: usize = record.params.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > PARAMS {
        return refused(format!("the `params` have more than {PARAMS} bytes"));
    }
    Ok(())
}

/// Whether the functions' names are as short as such names must be.
fn check_names(name: &str, resources: &[Resource]) -> Result<(), Failure> {
    let longest = resources.iter().filter_map(|resource| match resource {
        Resource::Function { name, .. } => Some(name.len()),
        Resource::Alias { .. } | Resource::Trigger { .. } => None,
    });
    let longest = longest.max().unwrap_or_default();
    if longest <= FUNCTION_NAME {
        return Ok(());
    }
    let most = FUNCTION_NAME.saturating_sub(longest - name.len());
    let text =
        format!("the `name` may have {most} characters with this template, because its functions' begin with it");
    Err(Failure::new(ErrorCode::InvalidParameter, text))
}

fn told<O: Operation>(call: &Call<O>, record: &Record, part: &Part) -> StackResource {
    let urn = call.name(&centre::function_id(record, &part.function), Qualifier::latest());
    let functions = format!("/v2/{}/fgs", record.project);
    let (kind, href, service) = match &part.kind {
        PartKind::Function => ("function", format!("{functions}/functions/{urn}/config"), "FunctionGraph".to_owned()),
        PartKind::Alias => {
            ("alias", format!("{functions}/functions/{urn}/aliases/{}", part.name), "FunctionGraph".to_owned())
        }
        PartKind::Trigger(kind) => ("trigger", format!("{functions}/triggers/{urn}/{kind}/{}", part.id), kind.clone()),
    };
    StackResource {
        physical_resource_id: part.id.clone(),
        physical_resource_name: part.name.clone(),
        logical_resource_name: part.logical.clone(),
        logical_resource_type: kind.to_owned(),
        resource_status: part.step.as_str().to_owned(),
        status_message: part.message.clone(),
        href: if part.step == Step::Created { href } else { String::new() },
        display_name: service,
    }
}

/// Where the first gateway trigger is called that is still there.
fn gateway_url<O: Operation>(call: &Call<O>, record: &Record) -> Option<String> {
    record.parts.iter().find_map(|part| {
        let PartKind::Trigger(_) = &part.kind else { return None };
        let id = centre::function_id(record, &part.function);
        let function = call.app.runtime.registry().function(&id)?;
        let trigger = function.trigger(&part.id)?;
        triggers::told(&call.app, &function.id, trigger).ok()?.event_data.invoke_url
    })
}

/// What the applications of a template use, each service once.
fn used(project: &str, template: &templates::Application) -> Vec<ApplicationTemplateResource> {
    let mut services = vec![("FunctionGraph", format!("/v2/{project}/fgs/functions"))];
    for trigger in &template.triggers {
        if services.iter().all(|(name, _)| *name != trigger.kind) {
            services.push((&trigger.kind, String::new()));
        }
    }
    let resource = |(name, href): (&str, String)| ApplicationTemplateResource {
        resource_name: name.to_owned(),
        icon: String::new(),
        href,
    };
    services.into_iter().map(resource).collect()
}
