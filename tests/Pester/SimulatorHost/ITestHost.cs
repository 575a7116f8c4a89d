using System.Text.Json.Nodes;

namespace VmDeploy.SimulatorHost;

/// <summary>A simulator that a test in another process sets up, gives orders, and looks into.</summary>
internal interface ITestHost : IAsyncDisposable
{
    /// <summary>Where it is, and how to log in.</summary>
    object Address { get; }

    /// <summary>How it is now.</summary>
    object State { get; }

    /// <summary>How many calls of a method have come.</summary>
    int CountRequests(string method);

    /// <summary>Does what a test says.</summary>
    /// <exception cref="FormatException">There is no such order.</exception>
    void Obey(JsonNode order);

    /// <summary>How many of the requests that came were not as the official interface wants them; writes each to standard error.</summary>
    int CountWrongRequests();
}
