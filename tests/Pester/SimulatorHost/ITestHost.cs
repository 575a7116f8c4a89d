using System.Text.Json.Nodes;

namespace VmDeploy.SimulatorHost;

/// <summary>A simulator that a test in another process starts, orders faults from, and inspects.</summary>
internal interface ITestHost : IAsyncDisposable
{
    /// <summary>Where it is, and how to log in.</summary>
    object Address { get; }

    /// <summary>Its present state.</summary>
    object State { get; }

    /// <summary>How many calls of a method it has received.</summary>
    int CountRequests(string method);

    /// <summary>Executes an order of a test.</summary>
    /// <exception cref="FormatException">The order is not known.</exception>
    void Obey(JsonNode order);

    /// <summary>How many requests were not valid for the official interface; writes each to standard error.</summary>
    int CountWrongRequests();
}
