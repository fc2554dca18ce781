output "switch_table" {
  description = "Name of the table whose one item names the region that takes writes."
  value       = module.switch.name
}

output "standby" {
  description = "What the second region answers: functions with their routes, and their environment. Every route that no function of it has is answered here."
  value = {
    functions   = { health = merge(local.functions.health, { routes = merge(local.functions.health.routes, { "$default" = "public" }) }) }
    environment = {}
  }
}

output "route_throttles" {
  description = "Limit of the health check's route, by route key; known once the route exists."
  value       = module.functions.route_throttles
}
