namespace VmDeploy.Tests.Support;

/// <summary>The benchmarks' form of what the tests' support asks of a machine: no skipping, there is only an end.</summary>
internal static class Requires
{
    public static void That(bool present, string what, string remedy)
    {
        if (!present)
            throw new InvalidOperationException($"The benchmark needs {what} ({remedy}).");
    }
}
