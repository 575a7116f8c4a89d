using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;

// --validate TRACE checks every request in what vcsim has written with -trace.
if (args is ["--validate", var trace])
{
    return Validate(Regex.Matches(File.ReadAllText(trace), @"^Request: (.*?)\n(?=(?:Request|Response): <\?xml|\z)", RegexOptions.Singleline | RegexOptions.Multiline)
        .Select(m => m.Groups[1].Value));
}

// The simulator for a test in another process: a JSON object a line in, one a line out. The first line sets it up. At the
// end every request that came is checked against the official schema; the exit code says how many were wrong.
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

return Validate(simulator.Requests.Select(r => r.Xml));

static void Write<T>(T value) => Console.WriteLine(JsonSerializer.Serialize(value));

static int Validate(IEnumerable<string> requests)
{
    if (!SoapSchema.IsAvailable)
        return 0;
    int wrong = 0;
    foreach (string request in requests)
    {
        IReadOnlyList<string> violations = SoapSchema.Validate(Encoding.UTF8.GetBytes(request));
        if (violations.Count > 0)
            Console.Error.WriteLine($"{string.Join("\n", violations)}\nin the request\n{request}");
        wrong += violations.Count > 0 ? 1 : 0;
    }
    return wrong;
}
