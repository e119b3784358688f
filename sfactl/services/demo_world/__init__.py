"""The demo company: Norvane Cold Systems sells refrigeration and its monitoring. Nobody in it exists.

Each module makes one part of it from the parts before: company, customers, catalogue, goals, bookings, pipeline,
activities. All draw from their own stream of random numbers, so that a change in one does not shift the others.
"""
