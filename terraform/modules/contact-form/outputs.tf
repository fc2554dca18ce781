output "contact_table" {
  description = "Name of the table of messages that are not delivered yet."
  value       = module.contact.name
}

output "route_throttles" {
  description = "Limits of the public route, by route key; known once the routes exist."
  value       = module.functions.route_throttles
}

output "standby" {
  description = "What the second region answers: functions with their routes, and their environment."
  value = {
    functions   = { for name in ["post_message", "count_undelivered"] : name => local.functions[name] }
    environment = module.functions.environment
  }
}
