using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using VmDeploy.SimulatorHost;

// --validate TRACE checks every request in a trace of vcsim (-trace).
if (args is ["--validate", var trace])
{
    return EsxiTestHost.CountWrong(Regex.Matches(File.ReadAllText(trace), @"^Request: (.*?)\n(?=(?:Request|Response): <\?xml|\z)", RegexOptions.Singleline | RegexOptions.Multiline)
        .Select(m => m.Groups[1].Value));
}

// The simulator for a test in another process: one JSON object per line in, and one per line out. The first line starts it. At the
// end every request is checked against the official schema; the exit code is the number of invalid ones.
var setup = JsonNode.Parse(Console.ReadLine() ?? "{}")!;
await using var host = (string?)setup["mode"] == "xenserver" ? await XapiTestHost.StartAsync(setup) : await EsxiTestHost.StartAsync(setup);
Write(host.Address);
while (Console.ReadLine() is { Length: > 0 } line)
{
    var order = JsonNode.Parse(line)!;
    switch ((string?)order["do"])
    {
        case "state":
            Write(host.State);
            break;
        case "count":
            Write(new { Count = host.CountRequests((string)order["method"]!) });
            break;
        default:
            host.Obey(order);
            Write(host.State);
            break;
    }
}

return host.CountWrongRequests();

static void Write(object value) => Console.WriteLine(JsonSerializer.Serialize(value));
