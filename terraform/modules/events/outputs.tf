output "events_table" {
  description = "Name of the table of events and of who comes."
  value       = module.table.name
}

output "route_throttles" {
  description = "Limits of the public routes, by route key; known once the routes exist."
  value       = module.functions.route_throttles
}

output "standby" {
  description = "What the second region answers: functions with their routes, and their environment. The user pool is in the first region alone, so that members are not signed up in the second."
  value = {
    functions = merge(
      { for name in ["get_programme", "sign_up_guests", "manage_events"] : name => local.functions[name] },
      {
        sign_up_members = merge(local.functions.sign_up_members, {
          routes      = { for route, by in local.functions.sign_up_members.routes : route => by if !startswith(route, "PUT ") }
          permissions = [for permission in local.functions.sign_up_members.permissions : permission if !contains(permission.actions, "cognito-idp:AdminGetUser")]
        })
      },
    )
    environment = module.functions.environment
  }
}
