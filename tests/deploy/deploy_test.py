"""Checks what an operator copies: units, compose file, Dockerfile and examples of settings."""

import json
import pathlib
import re
import subprocess
import tempfile
import tomllib
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def service_of(path):
    """Returns the [Service] part of a unit: key to its last value."""
    part = path.read_text().split("[Service]")[1].split("[Install]")[0]
    return dict(re.findall(r"^(\w+)=(.*)$", part, re.M))


def seconds(text):
    return int(re.fullmatch(r"(\d+)s?", text)[1])


def packages_of(text):
    """Returns libraries and bubblewrap of the first `apt-get install` in a text."""
    command = re.search(r"apt-get install((?:.*\\\n)*.*)", text)[1].split("&&")[0]
    return {word for word in re.findall(r"[\w.+-]+", command)
            if word.startswith("lib") or word == "bubblewrap"}


class Units(unittest.TestCase):
    def test_systemd_accepts_them(self):
        with tempfile.TemporaryDirectory() as folder:
            copies = []
            for unit in UNITS:
                copy = pathlib.Path(folder, unit.name)
                copy.write_text(unit.read_text().replace("/opt/varia/varia", "/bin/true"))
                copies.append(copy)
            verified = subprocess.run(["systemd-analyze", "verify", *copies], text=True,
                                      capture_output=True, timeout=60)
        self.assertEqual((verified.returncode, verified.stderr), (0, ""))

    def test_systemd_finds_them_hardened(self):
        for unit, limit in [("varia-coordinator", 20), ("varia-worker", 40)]:
            judged = subprocess.run(
                ["systemd-analyze", "security", "--offline=yes", f"--threshold={limit}",
                 DEPLOY / f"systemd/{unit}.service"], text=True, capture_output=True, timeout=60)
            self.assertEqual(judged.returncode, 0, judged.stdout[-200:] + judged.stderr)

    def test_they_notify_and_come_back(self):
        self.assertEqual(len(UNITS), 2)
        for unit in UNITS:
            service = service_of(unit)
            self.assertEqual(service["Type"], "notify")
            self.assertEqual(service["User"], "varia")
            self.assertEqual(service["Restart"], "always")
            self.assertIn("WatchdogSec", service)

    def test_a_stop_waits_longer_than_scripts_may_take(self):
        settings = tomllib.loads((DEPLOY / "varia.toml").read_text())
        worker = service_of(DEPLOY / "systemd/varia-worker.service")
        deadline = seconds(settings["worker"]["stop_deadline"])
        self.assertGreater(seconds(worker["TimeoutStopSec"]), deadline + 5)

    def test_the_worker_may_make_its_sandbox(self):
        worker = service_of(DEPLOY / "systemd/varia-worker.service")
        for key in ["ProtectKernelTunables", "ProtectKernelLogs", "ProtectProc", "ProcSubset",
                    "ProtectHostname", "RestrictNamespaces", "PrivateUsers",
                    "MemoryDenyWriteExecute"]:
            self.assertNotIn(key, worker)
        self.assertIn("@mount", worker["SystemCallFilter"])
        self.assertIn("AF_NETLINK", worker["RestrictAddressFamilies"])


class Settings(unittest.TestCase):
    def test_every_setting_of_the_example_is_known(self):
        known = tomllib.loads((ROOT / "config/varia.toml").read_text())
        for part, values in tomllib.loads((DEPLOY / "varia.toml").read_text()).items():
            for key in values:
                self.assertIn(key, known[part])

    def test_redis_keeps_everything(self):
        text = (DEPLOY / "redis/redis.conf").read_text()
        for line in ["maxmemory-policy noeviction", "appendonly yes"]:
            self.assertRegex(text, f"(?m)^{line}$")

    def test_the_image_has_the_packages_that_hosts_get(self):
        dockerfile = (DEPLOY / "Dockerfile").read_text()
        document = (ROOT / "docs/operations.md").read_text()
        self.assertEqual(packages_of(dockerfile), packages_of(document))
        self.assertGreater(len(packages_of(document)), 5)


class Watching(unittest.TestCase):
    def test_promtool_accepts_rules_and_configuration(self):
        folder = DEPLOY / "prometheus"
        for words in [["rules", folder / "rules.yaml"], ["config", folder / "prometheus.yaml"]]:
            checked = subprocess.run(["promtool", "check", *words], text=True, capture_output=True,
                                     timeout=60)
            self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)

    def test_every_alert_says_what_it_is_and_where_help_stands(self):
        headings = {re.sub(r"[^a-z0-9 -]", "", line[3:].lower()).replace(" ", "-")
                    for line in (ROOT / "docs/operations.md").read_text().splitlines()
                    if line.startswith("## ")}
        rules = yaml.safe_load((DEPLOY / "prometheus/rules.yaml").read_text())
        document = (ROOT / "docs/operations.md").read_text()
        alerts = [rule for group in rules["groups"] for rule in group["rules"] if "alert" in rule]
        self.assertGreater(len(alerts), 10)
        for alert in alerts:
            self.assertIn(alert["labels"]["severity"], ["info", "warning", "critical"])
            self.assertTrue(alert["annotations"]["summary"])
            self.assertIn(alert["annotations"]["runbook"].split("#")[1], headings)
            self.assertIn(f"`{alert['alert']}`", document)

    def test_dashboards_can_be_loaded_beside_each_other(self):
        boards = [json.loads(path.read_text())
                  for path in sorted((DEPLOY / "grafana").glob("*.json"))]
        self.assertEqual(len({board["uid"] for board in boards}), len(boards))
        for board in boards:
            panels = board["panels"]
            self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
            for panel in panels:
                self.assertLessEqual(panel["gridPos"]["x"] + panel["gridPos"]["w"], 24)
                if panel["type"] != "row":
                    self.assertTrue(panel["description"], panel["title"])
                    self.assertEqual(panel["datasource"]["uid"], "${DS_PROMETHEUS}")


class Compose(unittest.TestCase):
    def setUp(self):
        self.file = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
        self.services = self.file["services"]

    def of_kind(self, kind):
        return {name: x for name, x in self.services.items() if name.startswith(f"{kind}-")}

    def test_it_has_a_spare_of_everything(self):
        counts = {kind: len(self.of_kind(kind))
                  for kind in ["redis", "sentinel", "coordinator", "worker"]}
        self.assertEqual(counts, {"redis": 2, "sentinel": 3, "coordinator": 2, "worker": 3})
        others = {name for name, x in self.services.items() if "profiles" in x}
        self.assertEqual(others, {"prometheus", "grafana"})
        self.assertEqual(sum(counts.values()) + len(others), len(self.services))

    def test_everything_it_names_is_there(self):
        for name, service in self.services.items():
            for other in service.get("depends_on", {}):
                self.assertIn("healthcheck", self.services[other], f"{name} waits for {other}")
            for volume in service.get("volumes", []):
                source = volume.split(":")[0]
                if source.startswith("./"):
                    self.assertTrue((DEPLOY / source).is_dir(), source)
                else:
                    self.assertIn(source, self.file["volumes"])
        build = self.services["worker-1"]["build"]
        self.assertTrue((DEPLOY / build["context"] / build["dockerfile"]).is_file())

    def test_nodes_know_where_things_are(self):
        for name, service in {**self.of_kind("coordinator"), **self.of_kind("worker")}.items():
            url = service["environment"]["VARIA_REDIS_URL"]
            for sentinel in self.of_kind("sentinel"):
                self.assertIn(f"{sentinel}:26379", url)
            self.assertNotIn(" ", url)
            self.assertEqual(service["command"], [name.split("-")[0]])
        for name, service in self.of_kind("coordinator").items():
            self.assertEqual(service["environment"]["VARIA_CLUSTER_ADVERTISE"], f"{name}:7103")
        for name, service in self.of_kind("worker").items():
            self.assertEqual(service["environment"]["VARIA_WORKER_NAME"], name)

    def test_prometheus_scrapes_all_of_them(self):
        scraped = yaml.safe_load((DEPLOY / "prometheus/prometheus.yaml").read_text())
        targets = {target for job in scraped["scrape_configs"]
                   for part in job["static_configs"] for target in part["targets"]}
        self.assertEqual(targets, {f"{name}:3003" for name in self.of_kind("coordinator")}
                         | {f"{name}:7104" for name in self.of_kind("worker")})
        for service in self.of_kind("worker").values():
            self.assertEqual(service["environment"]["VARIA_WORKER_METRICS_LISTEN"], "0.0.0.0:7104")
        for service in self.of_kind("coordinator").values():
            self.assertEqual(service["environment"]["VARIA_HTTP_METRICS"], "open")

    def test_its_variables_are_settings(self):
        text = (ROOT / "config/varia.toml").read_text()
        known = {f"VARIA_{part}_{key}".upper()
                 for part, values in tomllib.loads(text).items() for key in values}
        for service in self.services.values():
            ours = {key for key in service.get("environment", {}) if key.startswith("VARIA_")}
            self.assertEqual(ours - known - {"VARIA_API_KEY"}, set())

    def test_what_its_shells_run_is_a_script(self):
        for service in {**self.of_kind("redis"), **self.of_kind("sentinel")}.values():
            script = service["entrypoint"][2].replace("$$", "$")
            checked = subprocess.run(["sh", "-n", "-c", script], capture_output=True, timeout=10)
            self.assertEqual((checked.returncode, checked.stderr), (0, b""))

    def test_no_secret_stands_in_it(self):
        text = (DEPLOY / "compose.yaml").read_text()
        self.assertRegex(text, r"REDIS_PASSWORD: \$\{REDIS_PASSWORD:\?")
        self.assertRegex(text, r"VARIA_API_KEY: \$\{VARIA_API_KEY:\?")


if __name__ == "__main__":
    unittest.main()
