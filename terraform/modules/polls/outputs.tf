output "polls_table" {
  description = "Name of the table of polls and votes."
  value       = module.table.name
}

output "route_throttles" {
  description = "Limits of the public routes, by route key; known once the routes exist."
  value       = module.functions.route_throttles
}

output "standby" {
  description = "What the second region answers: functions with their routes, and their environment."
  value = {
    functions   = { for name in setsubtract(keys(local.on), ["tidy_polls", "polls_privacy"]) : name => local.functions[name] }
    environment = module.functions.environment
  }
}
