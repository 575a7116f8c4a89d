using System;
using System.Text.Json;
using System.Text.Json.Nodes;
using VmDeploy.Simulator.Esxi;

// The simulator for a test in another process: a JSON object a line in, one a line out. The first line sets it up.
var setup = JsonNode.Parse(Console.ReadLine() ?? "{}")!;
await using var simulator = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions
{
    Mode = (string?)setup["mode"] == "vcenter" ? EsxiMode.VCenter : EsxiMode.Esxi,
    VmCount = (int?)setup["vms"] ?? 0,
    Guest = _ => (bool?)setup["tools"] == true ? GuestBehavior.WithTools : GuestBehavior.NoTools,
    FreeLicense = (bool?)setup["freeLicense"] ?? false,
    ManagedBy = (string?)setup["managedBy"],
});
Write(new
{
    simulator.Server,
    simulator.HttpsPort,
    simulator.HttpPort,
    simulator.Thumbprint,
    simulator.UserName,
    simulator.Password,
});

while (Console.ReadLine() is { Length: > 0 } line)
{
    var order = JsonNode.Parse(line)!;
    switch ((string?)order["do"])
    {
        case "rate":
            simulator.Faults.BytesPerSecond = (long?)order["bytesPerSecond"];
            break;
        case "cut":
            simulator.Faults.CutUpload((long)order["atByte"]!, (int?)order["times"] ?? 1);
            break;
        case "fail":
            simulator.Faults.FailMethod((string)order["method"]!, (string)order["fault"]!, times: (int?)order["times"] ?? 1);
            break;
        case "delay":
            simulator.Faults.DelayReply((string)order["method"]!, TimeSpan.FromMilliseconds((int)order["milliseconds"]!));
            break;
        case "expire":
            simulator.Faults.ExpireSessions();
            break;
        case "clear":
            simulator.Faults.Clear();
            break;
        case "state":
            break;
        case var unknown:
            throw new FormatException($"Unknown order '{unknown}'.");
    }

    Write(new
    {
        simulator.Vms,
        simulator.OpenSessions,
        simulator.OpenLeases,
        simulator.BytesUploaded,
        Files = simulator.DatastoreFiles(),
    });
}

static void Write<T>(T value) => Console.WriteLine(JsonSerializer.Serialize(value));
