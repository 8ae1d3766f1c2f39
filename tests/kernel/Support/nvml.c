// A library with the functions of NVIDIA's that the GPU monitor calls, with their signatures of nvml.h: two devices, of which the second supports
// nothing but its memory. With HYPERMESH_NVML=broken it fails to begin, with =gone the devices do not answer any more.
#include <stdlib.h>
#include <string.h>

typedef struct device *nvmlDevice_t;
struct device { int index; };
struct rates { unsigned int gpu, memory; };
struct memory { unsigned long long total, free, used; };

enum { SUCCESS = 0, NOT_SUPPORTED = 3, LOST = 15, DRIVER_NOT_LOADED = 9 };

static struct device devices[2] = {{0}, {1}};

static int mode(const char *wanted)
{
	const char *set = getenv("HYPERMESH_NVML");

	return set && !strcmp(set, wanted);
}

int nvmlInit_v2(void) { return mode("broken") ? DRIVER_NOT_LOADED : SUCCESS; }
int nvmlShutdown(void) { return SUCCESS; }
const char *nvmlErrorString(int error) { return error == DRIVER_NOT_LOADED ? "Driver Not Loaded" : "Another Error"; }
int nvmlDeviceGetCount_v2(unsigned int *count) { *count = 2; return SUCCESS; }

int nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvmlDevice_t *device)
{
	*device = &devices[index];
	return SUCCESS;
}

int nvmlDeviceGetUUID(nvmlDevice_t device, char *text, unsigned int length)
{
	strncpy(text, device->index ? "GPU-second" : "GPU-first", length);
	return SUCCESS;
}

int nvmlDeviceGetUtilizationRates(nvmlDevice_t device, struct rates *rates)
{
	if (mode("gone"))
		return LOST;
	if (device->index)
		return NOT_SUPPORTED;
	*rates = (struct rates){ 37, 12 };
	return SUCCESS;
}

int nvmlDeviceGetMemoryInfo(nvmlDevice_t device, struct memory *memory)
{
	if (mode("gone"))
		return LOST;
	*memory = (struct memory){ 80ull << 30, 50ull << 30, 30ull << 30 };
	return SUCCESS;
}

int nvmlDeviceGetTemperature(nvmlDevice_t device, int sensor, unsigned int *celsius)
{
	if (mode("gone"))
		return LOST;
	if (device->index || sensor)
		return NOT_SUPPORTED;
	*celsius = 64;
	return SUCCESS;
}

int nvmlDeviceGetPowerUsage(nvmlDevice_t device, unsigned int *milliwatts)
{
	if (mode("gone"))
		return LOST;
	if (device->index)
		return NOT_SUPPORTED;
	*milliwatts = 215500;
	return SUCCESS;
}
